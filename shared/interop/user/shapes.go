package user

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// UserPath is embedded by the inputs that name a user in their path.
type UserPath struct {
	UserID string `path:"userId" format:"uuid" doc:"Id of the user"`
	api.Correlated
}

// UserInput names a user of the caller.
type UserInput struct{ UserPath }

// ListInput selects a page of the users of the caller that match.
type ListInput struct {
	Roles []string `query:"roles" maxItems:"50" doc:"With one of these roles; without, all match"`
	interop.Paged
	api.Correlated
}

// RegisterInput is a user of the caller, as it is to be.
type RegisterInput struct {
	UserPath
	Body Seed
}

// Seed is what an organization says about one of its users.
type Seed struct {
	_          struct{} `json:"-" additionalProperties:"false"`
	Name       string   `json:"name" minLength:"1" maxLength:"256" doc:"First name"`
	FamilyName string   `json:"familyName" minLength:"1" maxLength:"256" doc:"Last name"`
	Roles      []string `json:"roles" enum:"admin,security,api,support,reviewer,viewer" uniqueItems:"true" nullable:"false" doc:"What the user may do in the organization; none is allowed, too"`
}

// View is a user in answers (PDND, User).
type View struct {
	UserID     string   `json:"userId" format:"uuid" doc:"Id of the user"`
	Name       string   `json:"name" doc:"First name"`
	FamilyName string   `json:"familyName" doc:"Last name"`
	Roles      []string `json:"roles" nullable:"false" doc:"What the user may do in the organization"`
}

// View returns the user as answers show it.
func (u *User) View() View {
	return View{UserID: u.ID, Name: u.Name, FamilyName: u.FamilyName, Roles: append([]string{}, u.Roles...)}
}

// Output is a user.
type Output struct{ Body View }

// ListOutput is a page of users.
type ListOutput struct {
	Body struct {
		Results    []View             `json:"results" nullable:"false" doc:"Users, in the order of the list"`
		Pagination interop.Pagination `json:"pagination"`
	}
}
