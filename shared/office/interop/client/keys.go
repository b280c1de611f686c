package client

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// maxKeyFile is the most that is read of a file with a key, in bytes; the longest key that
// the API takes is far shorter.
const maxKeyFile = 64 << 10

func keyForm(c *client) *office.Form {
	return &office.Form{
		Action: c.Path("keys", "new"), Cancel: c.Path(), Submit: actions["addKey"].button,
		Fields: []*office.Field{
			{
				Name: "name", Label: office.T("Nome della chiave", "Name of the key"), Required: true, Complete: "off",
				Help: office.T("Da 5 a 60 caratteri, per riconoscerla: ad esempio il programma e il mese.",
					"5 to 60 characters, to tell it apart: for example the program and the month."),
			},
			{
				Name: "key", Kind: "textarea", Rows: 9, Mono: true, Complete: "off", Label: office.T("Chiave pubblica (PEM)", "Public key (PEM)"),
				Help: office.T("Comincia con -----BEGIN PUBLIC KEY-----. RSA da 2048 bit, oppure EC P-256. La chiave privata resta dove l’hai creata.",
					"It begins with -----BEGIN PUBLIC KEY-----. RSA of 2048 bits or more, or EC P-256. The private key stays where you made it."),
			},
			{
				Name: "keyFile", Kind: "file", Label: office.T("Oppure un file", "Or a file"),
				Help: office.T("Il file .pem o .pub con la chiave pubblica.", "The file .pem or .pub with the public key."),
			},
			{
				Name: "use", Kind: "radio", Required: true, Value: "SIG", Label: office.T("A che cosa serve", "What it is for"),
				Options: []office.Option{
					{Value: "SIG", Text: office.T("Firmare le asserzioni", "Signing assertions")},
					{Value: "ENC", Text: office.T("Cifrare", "Encrypting")},
				},
			},
		},
	}
}

// addKey shows the form of a new key, or adds the key. What is not a public key leaves
// the page neither for the API nor for the browser.
func addKey(v *office.Visit) (*office.View, error) {
	c, err := readOwn(v)
	if err != nil {
		return nil, err
	}
	form := keyForm(c)
	shown := &office.View{
		Template: "client-key.html", Title: office.T("Aggiungi una chiave", "Add a key"), Crumbs: crumbs(c),
		Data: map[string]any{"Form": form, "Client": c},
	}
	if v.Request.Method == http.MethodGet {
		return shown, nil
	}
	form.Read(v)
	field := form.Field("key")
	text := field.Value
	if text == "" {
		field = form.Field("keyFile")
		if text, err = keyFile(v); err != nil {
			return nil, err
		}
	}
	if wrong := keyMistake(text); wrong != (office.Text{}) {
		form.Field("key").Value = "" // it may be a secret
		field.Error = v.Tr(wrong)
		shown.Status = http.StatusBadRequest
		return shown, nil
	}
	form.Field("key").Value = text // browsers do not keep the file that was chosen
	body := map[string]string{
		"key": base64.StdEncoding.EncodeToString([]byte(text)), "name": form.Field("name").Value, "use": form.Field("use").Value,
		"alg": keyAlgorithm(text),
	}
	var added struct {
		JWK key `json:"jwk"`
	}
	if err := v.API(m2m.Product).Send(http.MethodPost, m2m.ClientsPath+"/"+c.ID+"/keys", body, &added); err != nil {
		return refused(shown, form, err)
	}
	return v.Redirect(c.Path(), office.Tf(
		"La chiave è stata aggiunta. Il suo kid è %s.", "The key was added. Its kid is %s.", added.JWK.ID)), nil
}

// keyFile returns the content of the file that was chosen, "" for none.
func keyFile(v *office.Visit) (string, error) {
	file, _, err := v.Request.FormFile("keyFile")
	if err != nil {
		return "", nil // there is none
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	return string(text), err
}

// keyMistake says why a text is no public key that may be sent, nothing when it may. It
// knows the look of private keys, and lets nothing go but a PEM that calls itself public, so
// a secret in a form that it does not know stays here, too.
func keyMistake(text string) office.Text {
	switch {
	case text == "":
		return office.T("Incolla la chiave pubblica o scegli il suo file.", "Paste the public key or choose its file.")
	case isPrivate(text):
		return office.T(
			"Questa è una chiave privata, e non è stata mandata né conservata. Una chiave privata non lascia mai il sistema del suo proprietario: "+
				"se è uscita da lì, creane un’altra. Qui serve la chiave pubblica (-----BEGIN PUBLIC KEY-----).",
			"This is a private key, and it was neither sent nor stored. A private key never leaves the system of its owner: "+
				"if it has left, make another one. What is needed here is the public key (-----BEGIN PUBLIC KEY-----).")
	case !strings.Contains(text, "-----BEGIN PUBLIC KEY-----") && !strings.Contains(text, "-----BEGIN RSA PUBLIC KEY-----"):
		return office.T(
			"Non è una chiave pubblica in formato PEM, e non è stata mandata. Deve cominciare con -----BEGIN PUBLIC KEY-----.",
			"This is no public key in PEM, and it was not sent. It has to begin with -----BEGIN PUBLIC KEY-----.")
	}
	return office.Text{}
}

// isPrivate reports whether there is a private key in a text: by its name in a PEM or a
// PuTTY file, as a JWK, or as the DER of one, also where a PEM calls it otherwise.
func isPrivate(text string) bool {
	upper := strings.ToUpper(text)
	if strings.Contains(upper, "PRIVATE KEY") || strings.Contains(upper, "PRIVATE-LINES") {
		return true
	}
	var jwk map[string]any
	if json.Unmarshal([]byte(text), &jwk) == nil && (jwk["d"] != nil || jwk["keys"] != nil && strings.Contains(text, `"d"`)) {
		return true
	}
	if isPrivateDER([]byte(text)) {
		return true
	}
	if raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil && isPrivateDER(raw) {
		return true
	}
	for rest := []byte(text); ; {
		block, after := pem.Decode(bytes.TrimSpace(rest))
		if block == nil {
			return false
		}
		if isPrivateDER(block.Bytes) {
			return true
		}
		rest = after
	}
}

func isPrivateDER(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	_, err := x509.ParseECPrivateKey(der)
	return err == nil
}

// keyAlgorithm returns the algorithm of a public key; the API refuses what is no key.
func keyAlgorithm(text string) string {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		if public, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			if _, isEC := public.(*ecdsa.PublicKey); isEC {
				return "ES256"
			}
		}
	}
	return "RS256"
}

// deleteKey deletes a key of a client.
func deleteKey(v *office.Visit) (*office.View, error) {
	path := m2m.ClientPath(v.Path("clientId"), "keys", v.Path("kid"))
	if err := v.API(m2m.Product).Send(http.MethodDelete, path, nil, nil); err != nil {
		return again(v, err)
	}
	return v.Redirect(m2m.ClientPath(v.Path("clientId")), office.T(
		"La chiave è stata eliminata: con questa chiave non si ottengono più voucher.",
		"The key was deleted: it gets no vouchers any more.")), nil
}
