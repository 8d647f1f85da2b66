package foxtrottest

import (
	"errors"
	"net/http"
	"net/http/httptest"
)

// inProcess reaches the server without a network: a handler that gives up is a lost
// connection.
type inProcess struct{ s *Server }

var errReset = errors.New("foxtrottest: connection reset")

func (t inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.RequestURI = ""
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	w := httptest.NewRecorder()
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, errReset
			if ctx := r.Context(); ctx.Err() != nil {
				err = ctx.Err()
			}
		default:
			panic(p)
		}
	}()
	t.s.ServeHTTP(w, in)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}
