package eservice

import (
	"strconv"

	"ciclo/shared/interop"
)

// View is an e-service in answers (PDND, EService).
type View struct {
	ID                    string `json:"id" format:"uuid" doc:"Id of the e-service"`
	ProducerID            string `json:"producerId" format:"uuid" doc:"The organization that offers it"`
	Name                  string `json:"name" doc:"Name"`
	Description           string `json:"description" doc:"What it is for"`
	Technology            string `json:"technology" enum:"REST,SOAP" doc:"How it is called"`
	Mode                  string `json:"mode" enum:"RECEIVE,DELIVER" doc:"DELIVER if the producer delivers data, RECEIVE if consumers do"`
	SignalHub             *bool  `json:"isSignalHubEnabled,omitempty" nullable:"false" doc:"Whether it signals changes"`
	ConsumerDelegable     *bool  `json:"isConsumerDelegable,omitempty" nullable:"false" doc:"Whether consumers may delegate"`
	ClientAccessDelegable *bool  `json:"isClientAccessDelegable,omitempty" nullable:"false" doc:"Whether delegates may use their own clients"`
	PersonalData          *bool  `json:"personalData,omitempty" nullable:"false" doc:"Whether it deals with personal data"`
	AsyncExchange         *bool  `json:"asyncExchange,omitempty" nullable:"false" doc:"Whether it answers asynchronously"`

	Latest *LatestView `json:"latestDescriptor,omitempty" edition:"ciclo" nullable:"false" doc:"The newest descriptor that is not a draft; absent where there are drafts only"`
}

// LatestView is the newest descriptor of an e-service that is not a draft.
type LatestView struct {
	ID      string `json:"id" format:"uuid" doc:"Id of the descriptor"`
	Version string `json:"version" doc:"Its number among the e-service's"`
	State   string `json:"state" enum:"PUBLISHED,SUSPENDED,DEPRECATED" doc:"Where it is in its lifecycle"`
}

// latestView returns the summary of the newest descriptor as answers show it.
func (e *EService) latestView() *LatestView {
	latest := e.Latest()
	if latest == nil {
		return nil
	}
	return &LatestView{ID: latest.ID, Version: strconv.FormatInt(latest.Number, 10), State: string(latest.State)}
}

func (e *EService) view() View {
	return View{
		ID:                    e.ID,
		ProducerID:            e.ProducerID,
		Name:                  e.Name,
		Description:           e.Description,
		Technology:            e.Technology,
		Mode:                  e.Mode,
		SignalHub:             e.SignalHub,
		ConsumerDelegable:     e.ConsumerDelegable,
		ClientAccessDelegable: e.ClientAccessDelegable,
		PersonalData:          e.PersonalData,
		AsyncExchange:         e.AsyncExchange,
		Latest:                e.latestView(),
	}
}

// DescriptorView is a descriptor in answers (PDND, EServiceDescriptor).
type DescriptorView struct {
	ID                    string   `json:"id" format:"uuid" doc:"Id of the descriptor"`
	Version               string   `json:"version" doc:"Its number among the e-service's"`
	Description           string   `json:"description,omitempty" doc:"What is new"`
	Audience              []string `json:"audience" nullable:"false" doc:"Audience of the vouchers"`
	VoucherLifespan       int64    `json:"voucherLifespan" doc:"Seconds that a voucher is valid"`
	DailyCallsPerConsumer int64    `json:"dailyCallsPerConsumer" doc:"Calls a day that a consumer may plan without approval"`
	DailyCallsTotal       int64    `json:"dailyCallsTotal" doc:"Calls a day that all consumers may plan without approval"`
	State                 string   `json:"state" enum:"DRAFT,PUBLISHED,DEPRECATED,SUSPENDED,ARCHIVED" doc:"Where it is in its lifecycle"`
	ApprovalPolicy        string   `json:"agreementApprovalPolicy" enum:"AUTOMATIC,MANUAL" doc:"Whether the producer approves each agreement"`
	ServerURLs            []string `json:"serverUrls" nullable:"false" doc:"Always empty: interfaces are not uploaded here"`
	PublishedAt           string   `json:"publishedAt,omitempty" format:"date-time" doc:"When it was published first"`
	SuspendedAt           string   `json:"suspendedAt,omitempty" format:"date-time" doc:"Since when it is suspended"`
	DeprecatedAt          string   `json:"deprecatedAt,omitempty" format:"date-time" doc:"When a newer one was published"`
	ArchivedAt            string   `json:"archivedAt,omitempty" format:"date-time" doc:"When it was archived"`
}

func (d *Descriptor) view() DescriptorView {
	return DescriptorView{
		ID:                    d.ID,
		Version:               d.version(),
		Description:           d.Description,
		Audience:              d.Audience,
		VoucherLifespan:       d.VoucherLifespan,
		DailyCallsPerConsumer: d.DailyCallsPerConsumer,
		DailyCallsTotal:       d.DailyCallsTotal,
		State:                 string(d.State),
		ApprovalPolicy:        d.ApprovalPolicy,
		ServerURLs:            []string{},
		PublishedAt:           d.PublishedAt,
		SuspendedAt:           d.SuspendedAt,
		DeprecatedAt:          d.DeprecatedAt,
		ArchivedAt:            d.ArchivedAt,
	}
}

// EServiceOutput is an e-service.
type EServiceOutput struct{ Body View }

// DescriptorOutput is a descriptor.
type DescriptorOutput struct{ Body DescriptorView }

// ListOutput is a page of e-services.
type ListOutput struct {
	Body struct {
		Results    []View             `json:"results" nullable:"false" doc:"E-services by name"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// DescriptorsOutput is a page of descriptors.
type DescriptorsOutput struct {
	Body struct {
		Results    []DescriptorView   `json:"results" nullable:"false" doc:"Descriptors, oldest first"`
		Pagination interop.Pagination `json:"pagination"`
	}
}
