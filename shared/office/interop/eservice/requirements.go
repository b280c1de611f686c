package eservice

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// requiredAttribute is an attribute that a descriptor requires.
type requiredAttribute struct {
	Group     int           `json:"groupIndex"`
	Attribute m2m.Attribute `json:"attribute"`
	Calls     int64         `json:"dailyCallsPerConsumer"` // 0 for the threshold of the descriptor
}

// requiredKind has the groups of the required attributes of a kind.
type requiredKind struct {
	m2m.AttributeKind
	Groups [][]requiredAttribute
}

// readRequired reads the attributes that a descriptor requires, by kind and group.
func readRequired(v *office.Visit, path string) ([]*requiredKind, error) {
	all := make([]*requiredKind, len(m2m.AttributeKinds))
	group := errgroup.Group{}
	for i, kind := range m2m.AttributeKinds {
		all[i] = &requiredKind{AttributeKind: kind}
		group.Go(func() error {
			required, err := m2m.All[requiredAttribute](v, path+"/"+kind.Name+"Attributes")
			for _, r := range required {
				for len(all[i].Groups) <= r.Group {
					all[i].Groups = append(all[i].Groups, nil)
				}
				all[i].Groups[r.Group] = append(all[i].Groups[r.Group], r)
			}
			return err
		})
	}
	return all, group.Wait()
}

// requirementPages are the pages on the attributes that a descriptor requires.
func requirementPages(page makePage, version string) []office.Page {
	const group = "/attributes/{kind}/groups/{group}"
	return []office.Page{
		page(http.MethodGet, version+"/attributes", showRequired),
		page(http.MethodGet, version+group, chooseRequired),
		page(http.MethodPost, version+group, addRequired),
		page(http.MethodPost, version+group+"/{attributeId}/remove", removeRequired),
		page(http.MethodGet, version+group+"/{attributeId}/quota", editAttributeQuota),
		page(http.MethodPost, version+group+"/{attributeId}/quota", changeAttributeQuota),
	}
}

// showRequired shows the attributes that a descriptor requires, with what may be changed.
func showRequired(v *office.Visit) (*office.View, error) { return requiredView(v, nil) }

func requiredView(v *office.Visit, refusal *office.Refusal) (*office.View, error) {
	f, err := readDescriptor(v, v.List(1))
	if err != nil {
		return nil, err
	}
	shown := &office.View{
		Template: "descriptor-attributes.html", Title: office.T("Attributi richiesti", "Required attributes"),
		Crumbs: requirementCrumbs(f), Data: map[string]any{"Facts": f},
	}
	if refusal != nil {
		shown.Refusal, shown.Status = refusal, refusal.Status
	}
	return shown, nil
}

func requirementCrumbs(f *descriptorFacts, more ...office.Crumb) []office.Crumb {
	path := "/eservices/" + f.EService.ID + "/descriptors/" + f.Descriptor.ID
	return crumbs(f.EService, append([]office.Crumb{{Text: versionText(f.Descriptor), Path: path}}, more...)...)
}

func requiredCrumb(f *descriptorFacts) office.Crumb {
	return office.Crumb{
		Text: office.T("Attributi richiesti", "Required attributes"),
		Path: "/eservices/" + f.EService.ID + "/descriptors/" + f.Descriptor.ID + "/attributes",
	}
}

// chooseRequired shows the registry, from which attributes are added to a group.
func chooseRequired(v *office.Visit) (*office.View, error) { return choiceView(v, nil) }

func choiceView(v *office.Visit, refusal *office.Refusal) (*office.View, error) {
	kind, err := m2m.AttributeKindOf(v, v.Path("kind"))
	if err != nil {
		return nil, err
	}
	f, err := readDescriptor(v, v.List(1))
	if err != nil {
		return nil, err
	}
	l := v.List(m2m.MaxPage)
	var registry m2m.Page[m2m.Attribute]
	if err := v.API(m2m.Product).Get("/"+kind.Name+"Attributes", l.Range(), &registry); err != nil {
		return nil, err
	}
	l.Total = registry.Pagination.Total
	title := office.T("Nuovo gruppo di attributi", "New group of attributes")
	if number, err := strconv.Atoi(v.Path("group")); err == nil {
		title = office.Tf("Aggiungi al gruppo %d", "Add to group %d", number+1)
	}
	chosen := map[string]bool{}
	for _, id := range v.Request.PostForm["attributeIds"] {
		chosen[id] = true
	}
	shown := &office.View{
		Template: "descriptor-attribute-choice.html", Title: title, Crumbs: requirementCrumbs(f, requiredCrumb(f)),
		Data: map[string]any{
			"Facts": f, "Kind": kind, "Registry": registry.Results, "List": l, "Chosen": chosen, "Present": f.inGroup(kind, v.Path("group")),
			"Group": v.Path("group"),
		},
	}
	if refusal != nil {
		shown.Refusal, shown.Status = refusal, refusal.Status
	}
	return shown, nil
}

// inGroup returns the ids of the attributes that a group has.
func (f *descriptorFacts) inGroup(kind m2m.AttributeKind, group string) map[string]bool {
	present := map[string]bool{}
	number, err := strconv.Atoi(group)
	for _, required := range f.Required {
		if err != nil || required.Name != kind.Name || number < 0 || number >= len(required.Groups) {
			continue
		}
		for _, r := range required.Groups[number] {
			present[r.Attribute.ID] = true
		}
	}
	return present
}

// groupPath returns the API's path of the attributes of the group that the page's path names;
// new is the path of the groups.
func groupPath(v *office.Visit) string {
	path := descriptorPath(v) + "/" + url.PathEscape(v.Path("kind")) + "Attributes/groups"
	if v.Path("group") == "new" {
		return path
	}
	return path + "/" + url.PathEscape(v.Path("group")) + "/attributes"
}

// addRequired adds attributes to a group, or a group.
func addRequired(v *office.Visit) (*office.View, error) {
	if _, err := m2m.AttributeKindOf(v, v.Path("kind")); err != nil {
		return nil, err
	}
	ids := slices.Clone(v.Request.PostForm["attributeIds"])
	if len(ids) == 0 {
		return choiceView(v, &office.Refusal{
			Status: http.StatusBadRequest, CorrelationID: v.Correlation,
			Detail: v.Tr(office.T("Scegli almeno un attributo.", "Choose at least one attribute.")),
		})
	}
	err := v.API(m2m.Product).Send(http.MethodPost, groupPath(v), map[string]any{"attributeIds": ids}, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		return choiceView(v, refusal)
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(descriptorPath(v)+"/attributes", office.T("Gli attributi sono stati aggiunti.", "The attributes were added.")), nil
}

// removeRequired removes an attribute from a group of a draft.
func removeRequired(v *office.Visit) (*office.View, error) {
	if _, err := m2m.AttributeKindOf(v, v.Path("kind")); err != nil {
		return nil, err
	}
	err := v.API(m2m.Product).Send(http.MethodDelete, groupPath(v)+"/"+url.PathEscape(v.Path("attributeId")), nil, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		return requiredView(v, refusal)
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(descriptorPath(v)+"/attributes", office.T("L’attributo non è più richiesto.",
		"The attribute is not required any more.")), nil
}

// requiredAt returns the required attribute that the page's path names.
func (f *descriptorFacts) requiredAt(v *office.Visit) (*requiredAttribute, error) {
	number, err := strconv.Atoi(v.Path("group"))
	for _, kind := range f.Required {
		if err != nil || kind.Name != v.Path("kind") || number < 0 || number >= len(kind.Groups) {
			continue
		}
		group := kind.Groups[number]
		i := slices.IndexFunc(group, func(r requiredAttribute) bool { return r.Attribute.ID == v.Path("attributeId") })
		if i >= 0 {
			return &group[i], nil
		}
	}
	return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
}

// quotaForm is the form of the threshold of consumers that own a certified attribute.
func (f *descriptorFacts) quotaForm(v *office.Visit, required *requiredAttribute) *office.Form {
	own, total := f.Descriptor.DailyCallsPerConsumer, f.Descriptor.DailyCallsTotal
	field := perConsumerField(&descriptor{DailyCallsPerConsumer: required.Calls})
	field.Help = office.Tf(
		"Per chi ha l’attributo, al posto della soglia della versione (%d). Al massimo la soglia totale (%d).",
		"For those that have the attribute, in place of the version’s (%d). At most the threshold for all (%d).", own, total)
	path := requiredCrumb(f).Path
	return withSeen(&office.Form{
		Action: path + "/" + v.Path("kind") + "/groups/" + v.Path("group") + "/" + required.Attribute.ID + "/quota", Cancel: path,
		Submit: office.T("Salva la soglia", "Save the threshold"), Fields: []*office.Field{field},
	})
}

// editAttributeQuota shows the threshold of consumers that own a certified attribute.
func editAttributeQuota(v *office.Visit) (*office.View, error) {
	f, err := readDescriptor(v, v.List(1))
	if err != nil {
		return nil, err
	}
	required, err := f.requiredAt(v)
	if err != nil {
		return nil, err
	}
	return attributeQuotaView(f, f.quotaForm(v, required), required, nil), nil
}

func attributeQuotaView(f *descriptorFacts, form *office.Form, required *requiredAttribute, changed []office.Change) *office.View {
	return &office.View{
		Template: "descriptor-attribute-quota.html", Title: office.T("Soglia di un attributo", "Threshold of an attribute"),
		Crumbs: requirementCrumbs(f, requiredCrumb(f)),
		Data:   map[string]any{"Form": form, "Attribute": required.Attribute, "Changed": changed, "Allowed": f.May["updateAttributeQuota"]},
	}
}

// changeAttributeQuota sets the threshold of consumers that own a certified attribute.
func changeAttributeQuota(v *office.Visit) (*office.View, error) {
	f, err := readDescriptor(v, v.List(1))
	if err != nil {
		return nil, err
	}
	required, err := f.requiredAt(v)
	if err != nil {
		return nil, err
	}
	form := f.quotaForm(v, required)
	if _, changed := readOver(v, form); len(changed) > 0 {
		shown := attributeQuotaView(f, form, required, changed)
		shown.Status = http.StatusConflict
		return shown, nil
	}
	body := m2m.Members(form.Fields, func(*office.Field) bool { return false })
	err = v.API(m2m.Product).Send(http.MethodPatch, groupPath(v)+"/"+url.PathEscape(required.Attribute.ID), body, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		m2m.RefuseForm(form, refusal)
		shown := attributeQuotaView(f, form, required, nil)
		shown.Refusal, shown.Status = form.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(descriptorPath(v)+"/attributes", office.T("La soglia è stata salvata.", "The threshold was saved.")), nil
}
