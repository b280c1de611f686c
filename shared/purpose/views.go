package purpose

// View is a purpose as clients read it (PDND, Purpose).
type View struct {
	ID                 string       `json:"id" format:"uuid" doc:"Id of the purpose"`
	EServiceID         string       `json:"eserviceId" format:"uuid" doc:"The e-service"`
	ConsumerID         string       `json:"consumerId" format:"uuid" doc:"Who uses it"`
	ByConsumer         *bool        `json:"suspendedByConsumer,omitempty" nullable:"false" doc:"Whether the consumer holds it"`
	ByProducer         *bool        `json:"suspendedByProducer,omitempty" nullable:"false" doc:"Whether the producer holds it"`
	Title              string       `json:"title" doc:"Unique among the consumer's on the e-service, whatever its case"`
	Description        string       `json:"description" doc:"What it is for"`
	FreeOfCharge       bool         `json:"isFreeOfCharge" doc:"Whether what it is for is free of charge"`
	FreeOfChargeReason string       `json:"freeOfChargeReason,omitempty" doc:"Why it is"`
	CreatedAt          string       `json:"createdAt" format:"date-time" doc:"When it was created"`
	UpdatedAt          string       `json:"updatedAt,omitempty" format:"date-time" doc:"When it was changed last"`
	Current            *VersionView `json:"currentVersion,omitempty" nullable:"false" doc:"The newest version that neither waits nor was rejected"`
	Waiting            *VersionView `json:"waitingForApprovalVersion,omitempty" nullable:"false" doc:"The version that waits for the producer"`
	Rejected           *VersionView `json:"rejectedVersion,omitempty" nullable:"false" doc:"The newest version, if it was rejected"`
}

// VersionView is a load estimate as clients read it (PDND, PurposeVersion).
type VersionView struct {
	ID                string `json:"id" format:"uuid" doc:"Id of the version"`
	State             string `json:"state" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" doc:"Where it is in its lifecycle"`
	CreatedAt         string `json:"createdAt" format:"date-time" doc:"When it was created"`
	DailyCalls        int64  `json:"dailyCalls" doc:"Calls a day that are planned"`
	SuspendedAt       string `json:"suspendedAt,omitempty" format:"date-time" doc:"Since when it is suspended"`
	UpdatedAt         string `json:"updatedAt,omitempty" format:"date-time" doc:"When it was changed last"`
	FirstActivationAt string `json:"firstActivationAt,omitempty" format:"date-time" doc:"When it was activated first"`
	RejectionReason   string `json:"rejectionReason,omitempty" doc:"Why the producer rejected it"`
}

func (p *Purpose) view() View {
	v := View{
		ID: p.ID, EServiceID: p.EServiceID, ConsumerID: p.ConsumerID, ByConsumer: p.ByConsumer, ByProducer: p.ByProducer,
		Title: p.Title, Description: p.Description, FreeOfCharge: p.FreeOfCharge, FreeOfChargeReason: p.FreeOfChargeReason,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		Current: p.newest(Draft, Active, Suspended, Archived).view(), Waiting: p.newest(Waiting).view(),
	}
	if n := len(p.Versions); n > 0 && p.Versions[n-1].State == Rejected {
		v.Rejected = p.Versions[n-1].view()
	}
	return v
}

func (v *Version) view() *VersionView {
	if v == nil {
		return nil
	}
	return &VersionView{
		ID: v.ID, State: string(v.State), CreatedAt: v.CreatedAt, DailyCalls: v.DailyCalls, SuspendedAt: v.SuspendedAt,
		UpdatedAt: v.UpdatedAt, FirstActivationAt: v.FirstActivationAt, RejectionReason: v.RejectionReason,
	}
}
