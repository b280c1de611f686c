package officetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// Visitor is somebody with a browser that has no script. It fails its test where a link, a
// button or a field is not there.
type Visitor struct {
	t      testing.TB
	site   *Site
	client *http.Client
	lang   string
}

// Visit returns somebody who is not signed in, and reads English.
func (s *Site) Visit(t testing.TB) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{t: t, site: s, client: &http.Client{Jar: jar}, lang: "en"}
}

// As returns somebody who has signed in as a person of the sandbox.
func (s *Site) As(t testing.TB, person string) *Visitor {
	t.Helper()
	v := s.Visit(t)
	res := v.send(http.MethodPost, "/office/sign-in", "application/x-www-form-urlencoded", strings.NewReader("person="+person))
	if res.Status != http.StatusOK {
		t.Fatalf("signing in as %s is answered %d", person, res.Status)
	}
	return v
}

// In makes the visitor read another language.
func (v *Visitor) In(lang string) *Visitor {
	next := *v
	next.lang = lang
	return &next
}

// Shown is a page that a visitor looks at.
type Shown struct {
	*goquery.Document
	Status int
	URL    *url.URL // after redirects
	Header http.Header

	by *Visitor
}

// Get opens a page by its path, e.g. /office/services. Its status may be any.
func (v *Visitor) Get(path string) *Shown {
	v.t.Helper()
	return v.send(http.MethodGet, path, "", nil)
}

// Open opens a page and checks that it is there.
func (v *Visitor) Open(path string) *Shown {
	v.t.Helper()
	shown := v.Get(path)
	if shown.Status != http.StatusOK {
		v.t.Fatalf("%s is answered %d: %s", path, shown.Status, shown.Words())
	}
	return shown
}

// Await opens a page again and again until it says a text, which work in the background makes
// true.
func (v *Visitor) Await(path, text string) *Shown {
	v.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	end, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	for {
		shown := v.Open(path)
		if strings.Contains(shown.Words(), text) {
			return shown
		}
		select {
		case <-again.C:
		case <-end.Done():
			v.t.Fatalf("%s does not say %q: %s", path, text, shown.Words())
		}
	}
}

// Post sends a form that is in no page, e.g. one without a token.
func (v *Visitor) Post(path string, values url.Values) *Shown {
	v.t.Helper()
	return v.send(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

func (v *Visitor) send(method, path, media string, body io.Reader) *Shown {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.site.URL+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", v.lang)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return &Shown{Document: page, Status: res.StatusCode, URL: res.Request.URL, Header: res.Header, by: v}
}

// Token returns the token of the page's forms, and fails the test on a page without one.
func (p *Shown) Token() string {
	p.by.t.Helper()
	token := p.Find(`[name="_csrf"]`).First().AttrOr("value", "")
	if token == "" {
		p.by.t.Fatalf("%s (%d) has no token: %s", p.URL.Path, p.Status, p.Words())
	}
	return token
}

// Words returns the text of the page's content, each run of space as one.
func (p *Shown) Words() string { return words(p.Find("main")) }

func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// See checks that the content has those texts.
func (p *Shown) See(texts ...string) *Shown {
	p.by.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.Words(), text) {
			p.by.t.Errorf("%s does not say %q: %s", p.URL.Path, text, p.Words())
		}
	}
	return p
}

// Miss checks that the content has none of those texts.
func (p *Shown) Miss(texts ...string) *Shown {
	p.by.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.Words(), text) {
			p.by.t.Errorf("%s says %q: %s", p.URL.Path, text, p.Words())
		}
	}
	return p
}

// Link returns where the link with those words leads to, "" when there is none.
func (p *Shown) Link(text string) string {
	found := p.Find("a").FilterFunction(func(_ int, s *goquery.Selection) bool { return words(s) == text })
	return found.First().AttrOr("href", "")
}

// Click follows the link with those words.
func (p *Shown) Click(text string) *Shown {
	p.by.t.Helper()
	href := p.Link(text)
	if href == "" {
		p.by.t.Fatalf("%s has no link %q: %s", p.URL.Path, text, p.Words())
	}
	to, err := p.URL.Parse(href)
	if err != nil {
		p.by.t.Fatal(err)
	}
	return p.by.Open(to.RequestURI())
}

// Buttons returns the words of all buttons of forms.
func (p *Shown) Buttons() []string {
	return p.Find("main form button").Map(func(_ int, s *goquery.Selection) string { return words(s) })
}

// Has reports whether a form has a button with those words.
func (p *Shown) Has(button string) bool { return p.form(button) != nil }

func (p *Shown) form(button string) *goquery.Selection {
	found := p.Find("form button").FilterFunction(func(_ int, s *goquery.Selection) bool { return words(s) == button })
	if found.Length() == 0 {
		return nil
	}
	return found.First().Closest("form")
}

// File is the content of a field for a file.
type File struct{ Name, Content string }

// Press sends the form that has the button with those words. The values, by the names of
// fields, are typed over what is in the fields; an empty value unticks a box. A value may be
// a [File].
func (p *Shown) Press(button string, values map[string]any) *Shown {
	p.by.t.Helper()
	form := p.form(button)
	if form == nil {
		p.by.t.Fatalf("%s has no button %q but %q: %s", p.URL.Path, button, p.Buttons(), p.Words())
	}
	typed := fieldsOf(form)
	files := map[string]File{}
	for name, value := range values {
		if form.Find(`[name="`+name+`"]`).Length() == 0 {
			p.by.t.Fatalf("%s: the form with %q has no field %s", p.URL.Path, button, name)
		}
		if file, ok := value.(File); ok {
			files[name] = file
			continue
		}
		typed.Del(name)
		if text := fmt.Sprint(value); text != "" || form.Find(`input[type=checkbox][name="`+name+`"]`).Length() == 0 {
			typed.Set(name, text)
		}
	}
	pressed := form.Find("button").FilterFunction(func(_ int, s *goquery.Selection) bool { return words(s) == button }).First()
	if name, named := pressed.Attr("name"); named {
		typed.Set(name, pressed.AttrOr("value", ""))
	}
	action := pressed.AttrOr("formaction", form.AttrOr("action", p.URL.RequestURI()))
	to, err := p.URL.Parse(action)
	if err != nil {
		p.by.t.Fatal(err)
	}
	switch {
	case !strings.EqualFold(form.AttrOr("method", "get"), "post"):
		return p.by.Get(to.Path + "?" + typed.Encode())
	case form.AttrOr("enctype", "") == "multipart/form-data":
		body, media := multipartOf(p.by.t, typed, files)
		return p.by.send(http.MethodPost, to.RequestURI(), media, body)
	}
	return p.by.Post(to.RequestURI(), typed)
}

// fieldsOf returns what a form would send untouched.
func fieldsOf(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		name, named := s.Attr("name")
		kind := s.AttrOr("type", "")
		_, checked := s.Attr("checked")
		switch {
		case !named || kind == "file" || (kind == "checkbox" || kind == "radio") && !checked:
		case goquery.NodeName(s) == "textarea":
			values.Add(name, strings.TrimPrefix(s.Text(), "\n"))
		case goquery.NodeName(s) == "select":
			option := s.Find("option[selected]").First()
			if option.Length() == 0 {
				option = s.Find("option").First()
			}
			values.Add(name, option.AttrOr("value", words(option)))
		default:
			values.Add(name, s.AttrOr("value", ""))
		}
	})
	return values
}

func multipartOf(t testing.TB, values url.Values, files map[string]File) (body io.Reader, media string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, all := range values {
		for _, value := range all {
			if err := w.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, file := range files {
		part, err := w.CreateFormFile(name, file.Name)
		if err == nil {
			_, err = io.WriteString(part, file.Content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}
