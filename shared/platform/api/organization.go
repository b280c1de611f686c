package api

// Organization is what a token says about the organization that it identifies. What
// the token leaves out is empty; an external id has both parts or none.
type Organization struct {
	ID            string
	Name          string
	Origin, Value string // its id in a registry outside, such as IPA
}
