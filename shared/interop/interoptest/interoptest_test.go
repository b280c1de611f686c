package interoptest_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

var (
	admin = interoptest.Admin(1)
	suite = func() *interoptest.Suite {
		s := interoptest.New(attribute.Operations())
		s.Stream = true
		return s
	}()
)

// findings is a test that keeps its errors for itself.
type findings struct {
	testing.TB
	all []string
}

func (f *findings) Errorf(format string, args ...any) {
	f.all = append(f.all, fmt.Sprintf(format, args...))
}

// TestBreak: a call that fails before it is carried out changes nothing; one whose
// answer is lost is in what is stored and in the stream.
func TestBreak(t *testing.T) {
	t.Parallel()
	suite.Embedded(t, func(w *interoptest.World) {
		before := w.Stored(nil)
		create := func() apitest.Response {
			return w.As(admin, "POST", "/declaredAttributes", `{"name":"Age","description":"The age of a person"}`)
		}
		broken := w.Break(0, false, create)
		if !broken.Reached || broken.Wrote {
			t.Errorf("a write that fails: %+v", broken)
		}
		w.Unavailable(broken.Response)
		w.Unchanged("a write that fails", before, w.Stored(nil))
		if change, more := w.NextChange(); more {
			t.Errorf("the stream has %v", change)
		}
		broken = w.Break(0, true, create)
		if !broken.Reached || !broken.Wrote {
			t.Errorf("a write whose answer is lost: %+v", broken)
		}
		w.Unavailable(broken.Response)
		if change, more := w.NextChange(); !more || change.New == nil || change.Old != nil {
			t.Errorf("the stream has %v", change)
		}
		w.Refused(create(), interop.AttributeDuplicate, "Age")
		if broken := w.Break(7, true, create); broken.Reached {
			t.Errorf("a call that is not made: %+v", broken)
		}
	})
}

// TestChecksCanFail: the checks find what is wrong with an answer.
func TestChecksCanFail(t *testing.T) {
	t.Parallel()
	suite.Embedded(t, func(w *interoptest.World) {
		res := w.As(admin, "GET", "/declaredAttributes/"+interoptest.UnknownID(), "")
		w.RefusedIn(res, interop.AttributeNotFound, "")
		leak := w.Break(0, false, func() apitest.Response { return w.As(admin, "GET", "/declaredAttributes", "") }).Response
		w.Unavailable(leak)
		leak.Raw += "AGREEMENT#1"
		found := &findings{TB: t}
		w.TB = found
		for what, check := range map[string]func(){
			"another code":     func() { w.Refused(res, interop.BadRequest) },
			"another name":     func() { w.Refused(res, interop.AttributeNotFound, "a name that it has not") },
			"a state":          func() { w.RefusedIn(res, interop.AttributeNotFound, "DRAFT") },
			"an action":        func() { w.RefusedIn(res, interop.AttributeNotFound, "", "submit") },
			"another refusal":  func() { w.Unavailable(res) },
			"an internal name": func() { w.Unavailable(leak) },
			"another number":   func() { w.Answers(admin, "GET", "/declaredAttributes", "", 200, "005-0001") },
			"unequal texts":    func() { interoptest.Equal(found, "text", "a", "b") },
			"unequal lists":    func() { interoptest.Equal(found, "list", []string{"a"}, nil) },
			"other items":      func() { w.Unchanged("a read", map[table.Key]interoptest.Object{{PK: "a"}: {}}, w.Stored(nil)) },
			"other costs":      func() { w.Costs("a read", 7, 7, admin, "GET", "/declaredAttributes", "") },
		} {
			found.all = nil
			if check(); len(found.all) == 0 {
				t.Errorf("%s is not found", what)
			}
		}
	})
}
