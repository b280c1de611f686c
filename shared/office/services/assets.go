package services

import (
	"encoding/base64"
	"io"
	"net/http"

	"ciclo/shared/office"
)

// placeholder is shown for a service without a logo.
const placeholder = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" rx="12" fill="#c5d3e2"/>` +
	`<path d="M24 66l16-22 12 15 8-10 12 17zM62 36a6 6 0 1 1 .1 0z" fill="#455b71"/></svg>`

// showLogo answers the logo of a service, or a picture that stands for none.
func showLogo(v *office.Visit) (*office.View, error) {
	file, err := v.API(product).File(servicePath(v.Path("serviceId"), "/logo"))
	if refusal, refused := office.Refused(err); refused && refusal.Status == http.StatusNotFound {
		file, err = &office.File{Type: "image/svg+xml", Bytes: []byte(placeholder)}, nil
	}
	if err != nil {
		return nil, err
	}
	return &office.View{File: file}, nil
}

// sendLogo stores the logo that a form has.
func sendLogo(v *office.Visit) (*office.View, error) {
	id := v.Path("serviceId")
	file, _, err := v.Request.FormFile("logo")
	if err != nil {
		return logoRefused(v, office.T("Scegli un file PNG, poi caricalo.", "Choose a PNG file, then upload it."), "")
	}
	defer file.Close()
	image, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	body := map[string]string{"logo": base64.StdEncoding.EncodeToString(image)}
	err = v.API(product).Send(http.MethodPut, servicePath(id, "/logo"), body, nil)
	refusal, refused := office.Refused(err)
	switch {
	case refused && (refusal.Status == http.StatusBadRequest || refusal.Status == http.StatusRequestEntityTooLarge):
		return logoRefused(v, office.T("Il file non va bene: serve un’immagine PNG di al massimo 1 MiB.",
			"The file will not do: a PNG image of at most 1 MiB is needed."), refusal.Detail)
	case err != nil:
		return nil, err
	}
	return v.Redirect(pagePath(id, "")+"#logo", office.T("Il logo è cambiato.", "The logo has changed.")), nil
}

// logoRefused shows the form for the logo again.
func logoRefused(v *office.Visit, why office.Text, said string) (*office.View, error) {
	return logoForm(v, http.StatusBadRequest, why, said)
}

// askLogo shows the form for the logo.
func askLogo(v *office.Visit) (*office.View, error) { return logoForm(v, 0, office.Text{}, "") }

func logoForm(v *office.Visit, status int, why office.Text, said string) (*office.View, error) {
	var s service
	if err := v.API(product).Get(servicePath(v.Path("serviceId"), ""), nil, &s); err != nil {
		return nil, err
	}
	field := &office.Field{
		Name: "logo", Kind: "file", Label: office.T("File PNG", "PNG file"), Error: v.Tr(why),
		Help: office.T("Un’immagine PNG quadrata, meglio se di 300 × 300 punti, di al massimo 1 MiB. Vale da subito, senza revisione.",
			"A square PNG image, best of 300 × 300 pixels, of at most 1 MiB. It takes effect at once, without review."),
	}
	return &office.View{
		Template: "service-logo.html", Title: office.T("Logo del servizio", "Logo of the service"), Status: status, Crumbs: crumbs(s),
		Data: map[string]any{"Service": s, "Field": field, "Said": said},
	}, nil
}

// regenerate replaces a key of a service.
func regenerate(v *office.Visit) (*office.View, error) {
	id := v.Path("serviceId")
	if err := v.API(product).Send(http.MethodPut, servicePath(id, "/keys/"+segment(v.Path("keyType"))), nil, nil); err != nil {
		return nil, err
	}
	return v.Redirect(pagePath(id, "")+"#keys", office.T("La chiave è nuova: quella di prima non vale più.",
		"The key is new: the one before is no longer valid.")), nil
}
