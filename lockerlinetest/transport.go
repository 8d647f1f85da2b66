package lockerlinetest

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// InProcess returns a transport that calls the handler in the caller's goroutine, whatever
// the URL's host. A handler that panics with http.ErrAbortHandler is a lost connection.
// There is no network, so that it may be used within testing/synctest.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ handler http.Handler }

var errReset = errors.New("lockerlinetest: connection reset by the server")

// RoundTrip calls the handler.
func (t inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	in.Host = cmp.Or(r.Host, r.URL.Host)
	w := httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			resp, err = lost(r, w)
		}
	}()
	t.handler.ServeHTTP(w, in)
	return result(r, w), nil
}

func result(r *http.Request, w *httptest.ResponseRecorder) *http.Response {
	resp := w.Result()
	resp.Request = r
	return resp
}

// lost is what a client sees of a connection that ended before the answer did.
func lost(r *http.Request, w *httptest.ResponseRecorder) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if !w.Flushed {
		return nil, errReset
	}
	resp := result(r, w)
	resp.Body = &lostBody{resp.Body}
	return resp, nil
}

// lostBody ends as a connection does that was lost within the body.
type lostBody struct{ io.ReadCloser }

// Read turns the end into an unexpected one.
func (b *lostBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
