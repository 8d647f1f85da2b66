package transport

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// redirectError says that the server pointed elsewhere, which is not followed.
type redirectError struct{ status int }

// Permanent reports that another attempt is answered alike.
func (e *redirectError) Permanent() bool { return true }

func (e *redirectError) Error() string {
	return fmt.Sprintf("answered by a redirect (%d), which is never followed: check the base URL", e.status)
}

// slashTripper takes a 307 or 308 that only adds or drops a trailing slash, once. Such a
// server answers a route spelled the other way so, before any handler ran; behind a proxy
// it may even name plain http. The request goes to our own scheme and host again.
type slashTripper struct {
	next   http.RoundTripper
	origin *url.URL
}

func (t *slashTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil || resp == nil || resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect {
		return resp, err
	}
	to, ok := t.slashOnly(r, resp)
	if !ok {
		return resp, nil
	}
	again := r.WithContext(r.Context())
	again.Header = r.Header.Clone()
	again.URL = to
	if r.GetBody != nil {
		if again.Body, err = r.GetBody(); err != nil {
			return resp, nil
		}
	} else if r.Body != nil && r.Body != http.NoBody {
		return resp, nil
	}
	discard(resp)
	return t.next.RoundTrip(again)
}

// slashOnly returns the address to go to when the redirect changes nothing but one slash
// at the end of the path.
func (t *slashTripper) slashOnly(r *http.Request, resp *http.Response) (*url.URL, bool) {
	loc, err := r.URL.Parse(resp.Header.Get("Location"))
	if err != nil || loc.User != nil || loc.Scheme != "https" && loc.Scheme != "http" {
		return nil, false
	}
	if !strings.EqualFold(loc.Hostname(), t.origin.Hostname()) {
		return nil, false
	}
	if port := loc.Port(); port != "" && port != t.origin.Port() && (t.origin.Port() != "" || port != defaultPort(loc.Scheme)) {
		return nil, false
	}
	if !sameButSlash(r.URL.EscapedPath(), loc.EscapedPath()) || !maps.EqualFunc(r.URL.Query(), loc.Query(), slices.Equal) {
		return nil, false
	}
	u := *r.URL // our own spelling: the server's may have been through a decoder
	if strings.HasSuffix(u.EscapedPath(), "/") {
		u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(u.RawPath, "/")
	} else {
		u.Path += "/"
		if u.RawPath != "" {
			u.RawPath += "/"
		}
	}
	return &u, true
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// sameButSlash reports whether two escaped paths have the same elements, and just one of
// them ends in a slash.
func sameButSlash(a, b string) bool {
	a, slashA := strings.CutSuffix(a, "/")
	b, slashB := strings.CutSuffix(b, "/")
	return slashA != slashB && slices.EqualFunc(strings.Split(a, "/"), strings.Split(b, "/"), func(x, y string) bool {
		x, errX := url.PathUnescape(x)
		y, errY := url.PathUnescape(y)
		return errX == nil && errY == nil && x == y
	})
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}
