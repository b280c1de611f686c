package runtimeapi

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// maxPayload is Lambda's limit of a synchronous answer, in bytes.
	maxPayload = 6 << 20
	// region is that of table/dynamo's local endpoints.
	region = "us-east-1"
	arn    = "arn:aws:lambda:" + region + ":000000000000:function:"
)

// invocation is one payload on its way through the function.
type invocation struct {
	id      string
	payload []byte
	begin   time.Time   // when it was handed out
	answer  chan Result // has room for the one answer
}

// nameOf returns the function's name: of its handler or, where it has none, its folder.
func nameOf(c Config) string {
	return cmp.Or(strings.ReplaceAll(c.Handler, "/", "-"), filepath.Base(c.Dir))
}

// environment is what Lambda sets for every function.
func environment(address string, c Config) []string {
	name := nameOf(c)
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + address,
		"AWS_LAMBDA_FUNCTION_NAME=" + name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + name,
		"AWS_LAMBDA_LOG_STREAM_NAME=local",
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"LAMBDA_TASK_ROOT=" + c.Dir,
		"_HANDLER=" + c.Handler,
		"TZ=:UTC",
	}
}

// routes are the endpoints of version 2018-06-01 of the API.
func (f *Function) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", f.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		f.answered(w, r, func(body []byte) Result { return Result{Payload: body} })
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		f.answered(w, r, func(body []byte) Result { return Result{Payload: body, FunctionError: functionError(body)} })
	})
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", f.initFailed)
	return mux
}

// next waits for an invocation and hands it out.
func (f *Function) next(w http.ResponseWriter, r *http.Request) {
	f.first.Do(func() { f.ready <- time.Now() })
	select {
	case <-r.Context().Done():
	case i := <-f.queue:
		i.begin = time.Now()
		f.mu.Lock()
		f.pending[i.id] = i
		f.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.begin.Add(f.config.Timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", arn+nameOf(f.config))
		_, _ = w.Write(i.payload) // a function that is gone is noticed by its exit
	}
}

// answered ends an invocation with the result that the body makes.
func (f *Function) answered(w http.ResponseWriter, r *http.Request, result func(body []byte) Result) {
	at := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		http.Error(w, "the answer could not be read or has more than 6 MB", http.StatusRequestEntityTooLarge)
		return
	}
	id := r.PathValue("id")
	f.mu.Lock()
	i, ok := f.pending[id]
	delete(f.pending, id)
	f.mu.Unlock()
	if !ok {
		http.Error(w, "no such invocation", http.StatusBadRequest)
		return
	}
	res := result(body)
	res.Duration = at.Sub(i.begin)
	i.answer <- res
	w.WriteHeader(http.StatusAccepted)
}

func (f *Function) initFailed(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		http.Error(w, "the error could not be read", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.initError = functionError(body)
	f.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// functionError reads a runtime's error document.
func functionError(body []byte) string {
	var doc struct{ ErrorType, ErrorMessage string }
	if json.Unmarshal(body, &doc) != nil || doc.ErrorType+doc.ErrorMessage == "" {
		return "Unhandled"
	}
	return doc.ErrorType + ": " + doc.ErrorMessage
}
