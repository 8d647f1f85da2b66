package tokens

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// maxTokenAnswer bounds an answer of the token endpoint.
const maxTokenAnswer = 64 << 10

// seen records what came back from the token endpoint, whatever the library makes of it.
type seen struct {
	status int
	header http.Header
}

type seenKey struct{}

// tokenTripper names us to the token endpoint and reads its answer whole, so that a
// broken one is told from none, and JSON is read as JSON whatever it is labelled.
type tokenTripper struct {
	next      http.RoundTripper
	userAgent string
}

var errAnswerTooLarge = errors.New("the token endpoint's answer is larger than 64 KiB")

func (t tokenTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", t.userAgent)
	r.Header.Set("Accept", "application/json")
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer+1))
	if err != nil {
		return nil, err
	}
	if s, ok := r.Context().Value(seenKey{}).(*seen); ok {
		s.status, s.header = resp.StatusCode, resp.Header
	}
	if len(body) > maxTokenAnswer {
		return nil, errAnswerTooLarge
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		resp.Header = resp.Header.Clone()
		resp.Header.Set("Content-Type", "application/json")
	}
	return resp, nil
}

func withSeen(ctx context.Context) (context.Context, *seen) {
	s := new(seen)
	return context.WithValue(ctx, seenKey{}, s), s
}
