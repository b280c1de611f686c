// Package s3local stands in for S3 in tests and in local replays of events. It
// speaks what package s3 does: PutObject and GetObject, addressed by path.
package s3local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/testing/awslocal"
)

// Server is one bucket, in memory. It answers requests that are signed and have the
// X-Amz-Content-Sha256 of their body.
type Server struct {
	bucket string

	mu      sync.Mutex
	objects map[string]blob.Blob
}

// New returns a Server with one empty bucket.
func New(bucket string) *Server {
	return &Server{bucket: bucket, objects: map[string]blob.Blob{}}
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, blob.MaxBytes))
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody", err.Error())
		return
	}
	if err := awslocal.CheckSigned(r, "s3", "x-amz-content-sha256"); err != nil {
		refuse(w, http.StatusForbidden, "AccessDenied", err.Error())
		return
	}
	if sum := sha256.Sum256(body); r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
		refuse(w, http.StatusBadRequest, "XAmzContentSHA256Mismatch", "the body has another hash")
		return
	}
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != s.bucket:
		refuse(w, http.StatusNotFound, "NoSuchBucket", "no bucket of this name")
	case name == "" || r.Method != http.MethodPut && r.Method != http.MethodGet:
		refuse(w, http.StatusNotImplemented, "NotImplemented", "neither PutObject nor GetObject")
	case r.Method == http.MethodPut:
		s.put(name, blob.Blob{Type: r.Header.Get("Content-Type"), Bytes: body})
	default:
		s.get(w, name)
	}
}

func (s *Server) put(name string, b blob.Blob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[name] = b
}

func (s *Server) get(w http.ResponseWriter, name string) {
	s.mu.Lock()
	b, ok := s.objects[name]
	s.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey", "no object of this name")
		return
	}
	w.Header().Set("Content-Type", b.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(b.Bytes)))
	_, _ = w.Write(b.Bytes)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
}
