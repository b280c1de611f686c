package office

import (
	"context"
	"net/http"
	"time"
)

// Person is somebody as whom a visitor of the sandbox may sign in, with one click.
type Person struct {
	ID           string
	Name         Text
	Role         Text // what the person does, in a few words
	Does         Text // what can be tried as this person
	Organization string
}

// Persons is the SignIn of the sandbox.
type Persons struct {
	All []Person
	// Open returns a session with new credentials for a person. The error is ErrSignIn when
	// there is no such person.
	Open func(ctx context.Context, id string) (Session, error)
	Now  func() time.Time
}

const (
	// early is how long before the end of a token it is renewed.
	early = time.Minute
	// late is longer than any token lasts: one that ends later is of a time to which the clock
	// of the sandbox was moved, and back again.
	late = 2 * time.Hour
)

// Pages implements [SignIn].
func (p *Persons) Pages(*Office) []Page {
	return []Page{
		{Method: http.MethodGet, Path: "/sign-in", Serve: func(v *Visit) (*View, error) {
			return &View{
				Template: "persons.html", Title: Text{"Chi sei?", "Who are you?"},
				Data: map[string]any{"Persons": p.All, "Back": Inside(v.Query("back"))},
			}, nil
		}},
		{Method: http.MethodPost, Path: "/sign-in", Serve: func(v *Visit) (*View, error) {
			s, err := p.Open(v.Context(), v.Value("person"))
			if err != nil {
				return nil, err
			}
			if err := v.Begin(s); err != nil {
				return nil, err
			}
			return v.Redirect(Inside(v.Value("back")), Text{}), nil
		}},
	}
}

// Renew implements [SignIn].
func (p *Persons) Renew(ctx context.Context, s Session) (Session, error) {
	if p.Now().Add(early).Before(s.Expires) && s.Expires.Before(p.Now().Add(late)) {
		return s, nil
	}
	return p.Open(ctx, s.Person)
}

// End implements [SignIn].
func (*Persons) End(context.Context, Session) string { return "" }

// Links implements [SignIn].
func (*Persons) Links(Session) []Entry {
	return []Entry{{Text: Text{"Cambia", "Switch"}, Path: "/sign-in"}}
}
