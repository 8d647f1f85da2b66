package transport

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// connsPerHost is how many connections there are to one host, and how many of them are
// kept when idle. net/http keeps two: 32 callers then open hundreds. Without the bound on
// all, a slow handshake makes every caller who finds none idle open one more.
const connsPerHost = 64

// NewBase returns a transport of its own: net/http's default, proxy settings and HTTP/2
// included, with an idle pool that fits a backend.
func NewBase() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		// The program put another in its place: what net/http's own would say.
		t = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		}
	}
	t = t.Clone()
	t.MaxIdleConns = 2 * connsPerHost
	t.MaxIdleConnsPerHost = connsPerHost
	t.MaxConnsPerHost = connsPerHost
	return t
}

// ParseURL checks an address that credentials will be sent to: absolute, https or
// loopback, without user, query or fragment. The text of the error never repeats the
// address, which may hold a password.
func ParseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("is not a URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("must be absolute, such as https://host")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("must be https: http is allowed on a loopback address only")
	case u.User != nil:
		return nil, errors.New("must not hold a user or password")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, errors.New("must not hold a query or fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// faults are several errors in one line.
type faults struct {
	subject string
	errs    []error
}

// OneLine joins the faults of a constructor's arguments into one line about subject; nil
// when there are none.
func OneLine(subject string, errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return &faults{subject, errs}
}

func (f *faults) Error() string {
	texts := make([]string, len(f.errs))
	for i, err := range f.errs {
		texts[i] = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return f.subject + ": " + strings.Join(texts, "; ")
}

func (f *faults) Unwrap() []error { return f.errs }
