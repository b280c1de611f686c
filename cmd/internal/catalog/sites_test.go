package catalog_test

import (
	"context"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/office/page"
	"ciclo/shared/platform/api"
)

// officeTemplate is the template of the front office.
const officeTemplate = "functions/office.yaml"

// siteDefinition is what the template of a site has of its API's definition.
type siteDefinition struct {
	Resources struct {
		API struct {
			Properties struct {
				Body struct {
					Types []string `yaml:"x-amazon-apigateway-binary-media-types"`
					Paths map[string]map[string]struct {
						Integration struct{ URI pattern } `yaml:"x-amazon-apigateway-integration"`
					} `yaml:"paths"`
				} `yaml:"DefinitionBody"`
			} `yaml:"Properties"`
		} `yaml:"Api"`
	} `yaml:"Resources"`
}

// TestSites: the API of a site sends all paths and methods to its function, bodies as they
// are, and no authorizer stands before it.
func TestSites(t *testing.T) {
	t.Parallel()
	body := readYAML[siteDefinition](t, officeTemplate).Resources.API.Properties.Body
	got := slices.Sorted(maps.Keys(body.Paths))
	if !slices.Equal(got, []string{"/", "/{proxy+}"}) || !slices.Equal(body.Types, []string{"*/*"}) {
		t.Errorf("the API has the paths %v and the binary media types %v", got, body.Types)
	}
	for route, methods := range body.Paths {
		uri := string(methods["x-amazon-apigateway-any-method"].Integration.URI)
		if len(methods) != 1 || !strings.HasSuffix(uri, ":function:${Prefix}-office-page:live/invocations") {
			t.Errorf("%s: %v", route, methods)
		}
	}
}

// TestSiteSettings holds the settings that the site names to what its code asks for, and its
// environment to the settings. Each is in the description of its version or, where that has
// no room, is taken over with OfficeRevision.
func TestSiteSettings(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	values := map[string]string{
		"OFFICE_URL": "https://office.example.it", "ISSUER_URL": "https://issuer.example.it",
		"OFFICE_CLIENT_ID": "office", "OFFICE_TOKEN": "id_token",
	}
	open := page.Site
	if _, err := open.Open(api.Deps{
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Setting: func(name string) string { asked[name] = true; return values[name] },
		Derive:  func(context.Context, string) ([]byte, error) { return make([]byte, 32), nil },
	}); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(page.Site.Settings))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(asked))); diff != "" {
		t.Errorf("Settings differ from what the code asks for (-Settings +code):\n%s", diff)
	}
	function := functions(t)[page.Site.ID]
	var set []string
	for name := range function.Environment.Variables {
		if !isNeeded(name) {
			set = append(set, name)
		}
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(set))); diff != "" {
		t.Errorf("the environment differs from Settings (-Settings +template):\n%s", diff)
	}
	revised := []string{"OfficeClientSecret", "ConsumersUrl", "ServicesUrl", "InteropUrl"}
	description := string(function.VersionDescription)
	for name, value := range function.Environment.Variables {
		parameter := string(value)
		switch {
		case isNeeded(name) || name == "OFFICE_URL" || slices.Contains(revised, parameter): // OFFICE_URL stays as long as the API
		case parameter == "IssuerUrl" && strings.Contains(description, "${Issuer}"):
		case !strings.Contains(description, "${"+parameter+"}"):
			t.Errorf("the version %q does not name %s", description, parameter)
		}
	}
}

// TestSiteVersion: the longest values fit into the description of a version.
func TestSiteVersion(t *testing.T) {
	t.Parallel()
	const room = 256
	whole := readYAML[template](t, rootTemplate).Parameters
	longest := map[string]int{
		"LogLevel": len("DEBUG"), "Callers": len("organizations,card-issuers"), "Products": len("consumers,services"),
		"OfficeToken": len("access_token"),
		"Issuer":      whole["IssuerUrl"].MaxLength - len("https://"),
	}
	for _, name := range []string{"OfficeClientId", "OfficeScopes", "ClaimPrefix", "OperatorClaim", "OfficeRevision"} {
		longest[name] = whole[name].MaxLength
	}
	description := string(functions(t)[page.Site.ID].VersionDescription)
	n := -1
	for word := range strings.FieldsSeq(description) {
		length := longest[strings.Trim(word, "${}")]
		if length == 0 {
			t.Errorf("%s has no limit", word)
		}
		n += 1 + length
	}
	if n > room || n < 0 {
		t.Errorf("the description of a version may have %d characters, there is room for %d", n, room)
	}
	if whole["Audience"].MaxLength > whole["OfficeClientId"].MaxLength {
		t.Error("Audience, which stands in for OfficeClientId, may be longer")
	}
}

// TestAlone: artifacts that belong to no product have templates of their own, in the root.
func TestAlone(t *testing.T) {
	t.Parallel()
	deployed := map[string]bool{}
	for _, r := range readYAML[template](t, rootTemplate).Resources {
		deployed[r.Properties.Location] = true
	}
	for _, a := range catalog.Artifacts() {
		if a.Alone && (!deployed[a.Template()] || path.Ext(a.Template()) != ".yaml") {
			t.Errorf("the root does not deploy %s", a.Template())
		}
	}
}
