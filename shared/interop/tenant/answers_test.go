package tenant_test

import (
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// TestPublishedAnswers sends the requests of the published table of answers.
func TestPublishedAnswers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, mine, theirs := made(w, owner, "declared"), made(w, certifier, "certified"), made(w, rival, "certified")
		verified, unknown, nowhere := made(w, owner, "verified"), interoptest.UnknownID(), "/tenants/"+interoptest.UnknownID()
		certified, declared := "/certifiedAttributes", "/declaredAttributes"
		by := func(delegation, attribute string) string {
			return `{"id":"` + attribute + `","delegationId":"` + delegation + `"}`
		}
		w.Answers(owner, "DELETE", home+declared+"/"+id, "", 400, "005-0001")
		w.Answers(owner, "DELETE", home+declared+"/"+unknown, "", 400, "005-0001")
		w.Answers(owner, "DELETE", home+declared+"/"+mine, "", 400, "005-0001")
		w.Answers(rival, "DELETE", home+declared+"/"+id, "", 403, "017-9993")
		w.Answers(owner, "POST", home+declared, named(id), 200, "")
		w.Answers(owner, "DELETE", home+declared+"/"+id, "", 200, "")
		w.Answers(owner, "DELETE", home+declared+"/"+id, "", 200, "")

		w.Answers(owner, "POST", home+declared, named(unknown), 404, "005-0001")
		w.Answers(owner, "POST", home+declared, named(mine), 404, "005-0001")
		w.Answers(owner, "POST", home+declared, named(verified), 404, "005-0001")
		w.Answers(owner, "POST", nowhere+declared, named(unknown), 403, "017-0026")
		w.Answers(owner, "POST", home+declared, by(interoptest.UnknownID(), id), 404, "010-0001")
		w.Answers(owner, "POST", nowhere+declared, by(interoptest.UnknownID(), unknown), 404, "010-0001")

		w.Answers(owner, "POST", nowhere+certified, named(unknown), 403, "005-0012")
		w.Answers(certifier, "POST", nowhere+certified, named(unknown), 400, "005-0001")
		w.Answers(certifier, "POST", nowhere+certified, named(id), 400, "005-0001")
		w.Answers(certifier, "POST", nowhere+certified, named(theirs), 403, "005-0013")
		w.Answers(certifier, "POST", nowhere+certified, named(mine), 404, "005-0004")
		w.Answers(certifier, "POST", home+certified, named(mine), 200, "")
		w.Answers(certifier, "POST", home+certified, named(mine), 409, "005-0014")

		w.Answers(owner, "DELETE", nowhere+certified+"/"+unknown, "", 403, "005-0012")
		w.Answers(certifier, "DELETE", nowhere+certified+"/"+unknown, "", 404, "005-0001")
		w.Answers(certifier, "DELETE", nowhere+certified+"/"+id, "", 404, "005-0001")
		w.Answers(certifier, "DELETE", nowhere+certified+"/"+theirs, "", 403, "005-0013")
		w.Answers(certifier, "DELETE", nowhere+certified+"/"+mine, "", 404, "005-0004")
		w.Answers(rival, "DELETE", home+certified+"/"+theirs, "", 404, "005-0001")
		w.Answers(certifier, "DELETE", home+certified+"/"+mine, "", 200, "")
		w.Answers(certifier, "DELETE", home+certified+"/"+mine, "", 409, "005-0019")
	})
}

// TestTaxCodeOfAnyOrigin: a tax code is looked for in every registry, an IPA code in
// IPA alone.
func TestTaxCodeOfAnyOrigin(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		public, private := interoptest.UnknownID(), interoptest.UnknownID()
		register(w, interop.Organization{ID: public, Name: "Comune", Origin: "IPA", Value: "c_f205"})
		register(w, interop.Organization{ID: private, Name: "Azienda", Origin: "ADE", Value: "c_f205"})
		register(w, interop.Organization{ID: interoptest.UnknownID(), Name: "Altra", Origin: "IPA", Value: "c_f206"})
		w.Pages(reader, "/tenants?taxCode=c_f205", "id", []string{private, public})
		w.Pages(reader, "/tenants?IPACode=c_f205", "id", []string{public})
	})
}
