package host

import (
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// responseWriter makes core's writer behave like net/http's: the first status
// counts, none is 200, and a status without content has none.
type responseWriter struct {
	next   *core.ProxyResponseWriter
	status int
}

func newResponseWriter() *responseWriter {
	return &responseWriter{next: core.NewProxyResponseWriter()}
}

// Header implements [http.ResponseWriter].
func (w *responseWriter) Header() http.Header { return w.next.Header() }

// WriteHeader implements [http.ResponseWriter]. Informational statuses are
// dropped: API Gateway takes one answer.
func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 || status < http.StatusOK {
		return
	}
	w.status = status
	w.next.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *responseWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return w.next.Write(b)
}

func (w *responseWriter) response() (events.APIGatewayProxyResponse, error) {
	w.WriteHeader(http.StatusOK)
	return w.next.GetProxyResponse()
}

// failed is the answer when not even the handler could make one.
func failed() events.APIGatewayProxyResponse {
	return events.APIGatewayProxyResponse{
		StatusCode: http.StatusInternalServerError,
		Headers:    map[string]string{"Content-Type": "application/problem+json"},
		Body:       `{"type":"about:blank","title":"Internal Server Error","status":500}`,
	}
}
