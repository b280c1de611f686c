package purpose

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// eservice is what the pages on purposes show of an e-service (PDND, EService).
type eservice struct {
	ID         string `json:"id"`
	ProducerID string `json:"producerId"`
	Name       string `json:"name"`
}

// names are the e-services and organizations of a page by their ids.
type names struct {
	eservices map[string]eservice
	tenants   map[string]string
	lock      sync.Mutex
}

// newNames returns the names that need no look-up.
func newNames(v *office.Visit, eservices ...eservice) *names {
	n := &names{eservices: map[string]eservice{}, tenants: map[string]string{}}
	if name := v.Session.OrganizationName; name != "" {
		n.tenants[v.Session.Organization] = name
	}
	for _, e := range eservices {
		n.eservices[e.ID] = e
	}
	return n
}

// EService returns the name of an e-service, its id where it has none.
func (n *names) EService(id string) string {
	if e := n.eservices[id]; e.Name != "" {
		return e.Name
	}
	return id
}

// Tenant returns the name of an organization, its id where it has none.
func (n *names) Tenant(id string) string {
	if name := n.tenants[id]; name != "" {
		return name
	}
	return id
}

// look reads the names of e-services and organizations that are not known yet, once each.
// One that the caller may not read stays without a name.
func (n *names) look(v *office.Visit, eservices, tenants []string) error {
	api := v.API(m2m.Product)
	var group errgroup.Group
	group.SetLimit(m2m.MaxAtOnce)
	for _, id := range unknown(n.eservices, eservices) {
		group.Go(func() error {
			var e eservice
			err := optional(api.Get("/eservices/"+url.PathEscape(id), nil, &e))
			n.lock.Lock()
			defer n.lock.Unlock()
			n.eservices[id] = e
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	found, err := m2m.Names(v, "/tenants", unknown(n.tenants, tenants)...)
	maps.Copy(n.tenants, found)
	return err
}

// unknown returns the ids that a map does not have, each once.
func unknown[T any](known map[string]T, ids []string) []string {
	all := map[string]bool{}
	for _, id := range ids {
		if _, found := known[id]; !found && id != "" {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// optional drops the error of an answer that there is no such thing, or none for the caller.
func optional(err error) error {
	refusal, refused := office.Refused(err)
	if !refused {
		return err
	}
	switch refusal.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict:
		return nil
	}
	return err
}
