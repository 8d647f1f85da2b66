package harbortest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// inProcess reaches a Server without a network.
type inProcess struct{ srv *Server }

var errCut = errors.New("harbortest: connection cut")

// RoundTrip lets the server answer in the caller's goroutine.
func (t inProcess) RoundTrip(r *http.Request) (res *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	in.Host = r.URL.Host
	w := httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			res, err = t.cut(r, w)
		}
	}()
	t.srv.ServeHTTP(w, in)
	res = w.Result()
	res.Request = r
	return res, nil
}

// cut is what a client sees of a connection that ended before the answer did.
func (inProcess) cut(r *http.Request, w *httptest.ResponseRecorder) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if !w.Flushed {
		return nil, errCut
	}
	res := w.Result()
	res.Request = r
	res.Body = &cutBody{res.Body}
	return res, nil
}

// cutBody ends as a connection that was cut within the answer does.
type cutBody struct{ io.ReadCloser }

func (b *cutBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
