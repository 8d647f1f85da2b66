package tokens

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// maxTokenAnswer bounds an answer of the token endpoint.
const maxTokenAnswer = 64 << 10

// seen records what came back from the token endpoint, whatever the library makes of it.
type seen struct {
	status int
}

type seenKey struct{}

// tokenTripper names us to the token endpoint and reads its answer whole, so that a
// broken one is told from none, and JSON is read as JSON whatever it is labelled.
type tokenTripper struct {
	next      http.RoundTripper
	userAgent string
}

var (
	errAnswerTooLarge = errors.New("the token endpoint's answer is larger than 64 KiB")
	errNoAnswer       = errors.New("transport returned neither an answer nor an error")
)

func (t tokenTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	headers := transport.CopyHeader(r.Header)
	headers["User-Agent"], headers["Accept"] = []string{t.userAgent}, []string{"application/json"}
	r = r.WithContext(r.Context())
	r.Header = headers
	resp, err := t.next.RoundTrip(r)
	if err == nil && resp == nil {
		err = errNoAnswer // a panic in the cache's goroutine could not be recovered from
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer+1))
	if err != nil {
		return nil, err
	}
	if s, ok := r.Context().Value(seenKey{}).(*seen); ok {
		s.status = resp.StatusCode
	}
	if len(body) > maxTokenAnswer {
		return nil, errAnswerTooLarge
	}
	header := transport.CopyHeader(resp.Header)
	delete(header, "Location") // net/http would parse it, and print it when it cannot
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		body = withWholeSeconds(trimmed)
		header["Content-Type"] = []string{"application/json"}
	}
	resp.Header, resp.Body = header, io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func withSeen(ctx context.Context) (context.Context, *seen) {
	s := new(seen)
	return context.WithValue(ctx, seenKey{}, s), s
}
