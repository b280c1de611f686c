package api

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
)

// Integrity signs answers; package integrity has one.
type Integrity interface {
	// Load gets the key ahead of the first answer. When it fails, Sign tries again.
	Load(ctx context.Context) error
	// Sign adds its headers to those of an answer, which are complete. The client is the
	// caller's, "" if it is not known. When it fails it has changed nothing.
	Sign(ctx context.Context, header http.Header, body []byte, client string) error
}

// isSigned reports whether answers of the operation are signed, where the deployment has a
// key: those of its product are, and it takes a credential. What is public, such as the status,
// is not signed.
func (s Spec) isSigned() bool { return s.Product != nil && s.Product.Integrity != nil && !s.Public }

// signs reports whether the answer to a request for an operation, or for none, is signed.
func (h *Handler) signs(r *http.Request, spec Spec) bool {
	return h.deps.Integrity != nil && spec.isSigned() && EditionFrom(r.Context()).Signed
}

// AllNeeds returns Needs and what follows from the product.
func (s Spec) AllNeeds() []Need {
	if !s.isSigned() {
		return s.Needs
	}
	return append(slices.Clip(s.Needs), NeedIntegrity)
}

var answers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// responseWriter remembers the status and lets only the first one count. With a body it holds
// the answer back until it is sent.
type responseWriter struct {
	http.ResponseWriter
	status int
	record *record
	body   *bytes.Buffer
}

// WriteHeader implements [http.ResponseWriter].
func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	w.record.allowed().writeTo(w.Header())
	if w.body == nil {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write implements [http.ResponseWriter].
func (w *responseWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.body != nil {
		return w.body.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

// hold makes w hold the answer back.
func (w *responseWriter) hold() {
	w.body, _ = answers.Get().(*bytes.Buffer)
	w.body.Reset()
}

// withdraw forgets an answer that is held back.
func (w *responseWriter) withdraw() {
	if w.body != nil {
		w.status = 0
		w.body.Reset()
	}
}

// send sends an answer that is held back.
func (w *responseWriter) send() {
	w.ResponseWriter.WriteHeader(w.status)
	if w.body.Len() > 0 {
		_, _ = w.ResponseWriter.Write(w.body.Bytes()) // an error cannot be reported to anyone
	}
	answers.Put(w.body)
	w.body = nil
}

// sign signs an answer that is held back, and sends it. An answer that cannot be signed is
// sent without a signature and logged as an error. The operation has been carried out, so
// a refusal would be wrong, and a client that requires signatures refuses the answer itself
// (TestAnswersWithoutKey).
func (h *Handler) sign(r *http.Request, rec *record, w *responseWriter) {
	defer w.send()
	body := w.body.Bytes()
	if r.Method == http.MethodHead || w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		body = nil // is not sent
	}
	caller, _ := IdentityFrom(r.Context())
	if err := h.deps.Integrity.Sign(r.Context(), w.Header(), body, caller.Client); err != nil {
		rec.unsigned(err)
	}
}

// unsigned notes that an answer lacks its signature.
func (rec *record) unsigned(err error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.failed = true
	rec.attrs = append(rec.attrs, slog.String("unsigned", err.Error()))
}
