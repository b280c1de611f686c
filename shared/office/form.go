package office

import (
	"slices"
	"strings"
)

// Form is a form of a page: its fields with their values, and why an API refused them.
type Form struct {
	Action  string // path of the page that takes it
	Submit  Text
	Cancel  string // path of the page that leaves it, "" for none
	Fields  []*Field
	Refusal *Refusal
}

// Field is one control of a form. Its name is the API's name of the member that it sets.
type Field struct {
	Name     string
	Kind     string // text (default), textarea, number, email, url, tel, date, select, checkbox, radio, file, hidden
	Label    Text
	Help     Text
	Value    string
	Required bool
	Options  []Option
	Rows     int
	Complete string // autocomplete
	Mono     bool   // whether it is code

	Error string // what the API says about it
}

// Option is a choice of a select or of radio buttons.
type Option struct {
	Value string
	Text  Text
}

// ID returns the id of the control.
func (f *Field) ID() string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(f.Name)
}

// Field returns the field with a name, nil when there is none.
func (f *Form) Field(name string) *Field {
	i := slices.IndexFunc(f.Fields, func(field *Field) bool { return field.Name == name })
	if i < 0 {
		return nil
	}
	return f.Fields[i]
}

// Read sets the values of the fields to what was typed.
func (f *Form) Read(v *Visit) {
	for _, field := range f.Fields {
		if field.Kind == "checkbox" {
			field.Value = ""
			if v.Ticked(field.Name) {
				field.Value = "true"
			}
			continue
		}
		field.Value = v.Value(field.Name)
	}
}

// Refuse keeps what an API says about the form, at the fields that it names. What is said of a
// member below a field, such as an entry of a list, is at that field. The remaining
// fields stay in the refusal.
func (f *Form) Refuse(r *Refusal) {
	copied := *r
	copied.Fields = nil
	for _, e := range r.Fields {
		name := strings.TrimPrefix(e.Name, "body.")
		field := f.Field(name)
		for field == nil && strings.ContainsAny(name, ".[") {
			name = name[:strings.LastIndexAny(name, ".[")]
			field = f.Field(name)
		}
		if field == nil {
			copied.Fields = append(copied.Fields, e)
			continue
		}
		if field.Error != "" {
			field.Error += "; "
		}
		field.Error += e.Detail
	}
	f.Refusal = &copied
}

// Wrong returns the fields with an error, for the summary above the form.
func (f *Form) Wrong() []*Field {
	var all []*Field
	for _, field := range f.Fields {
		if field.Error != "" {
			all = append(all, field)
		}
	}
	return all
}
