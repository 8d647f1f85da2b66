package harbortest

import (
	"net/http"
	"slices"
	"strings"
)

// match is where a request leads.
type match struct {
	route   *route
	params  map[string]string
	allowed []string // the methods of a path that knows this one not
	slash   bool     // the path exists when spelled with, or without, its last slash
}

func splitPath(path string) []string { return strings.Split(path, "/") }

// find routes as Harbor's framework does: the whole path must fit, parameters fill one
// segment, and a path that fits but for its last slash is redirected to.
func find(method, path string) match {
	m := match{}
	parts := splitPath(path)
	for i := range routes {
		r := &routes[i]
		params, ok := r.fits(parts)
		switch {
		case !ok:
		case r.Method == method:
			return match{route: r, params: params}
		case !slices.Contains(m.allowed, r.Method):
			m.allowed = append(m.allowed, r.Method)
		}
	}
	if m.allowed == nil && path != "/" {
		other := splitPath(toggleSlash(path))
		m.slash = slices.ContainsFunc(routes, func(r route) bool {
			_, ok := r.fits(other)
			return ok && r.Path != tokenPath
		})
	}
	return m
}

func (r *route) fits(parts []string) (map[string]string, bool) {
	if len(parts) != len(r.parts) {
		return nil, false
	}
	var params map[string]string
	for i, want := range r.parts {
		if name, ok := strings.CutPrefix(want, "{"); ok {
			if parts[i] == "" {
				return nil, false
			}
			if params == nil {
				params = make(map[string]string, 2)
			}
			params[strings.TrimSuffix(name, "}")] = parts[i]
			continue
		}
		if parts[i] != want {
			return nil, false
		}
	}
	return params, true
}

func toggleSlash(path string) string {
	if strings.HasSuffix(path, "/") {
		return strings.TrimRight(path, "/")
	}
	return path + "/"
}

// elsewhere answers a request that no route takes.
func elsewhere(r *http.Request, m match) reply {
	switch {
	case m.slash:
		target := *r.URL
		target.Path, target.RawPath = toggleSlash(r.URL.Path), ""
		target.Host, target.Scheme = r.Host, "http"
		if r.TLS != nil {
			target.Scheme = "https"
		}
		return reply{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {target.String()}}}
	case m.allowed != nil:
		out := refuse(http.StatusMethodNotAllowed, "Method Not Allowed")
		out.header = http.Header{"Allow": {strings.Join(m.allowed, ", ")}}
		if r.URL.Path == tokenPath {
			out = oauthError(http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed", "")
		}
		return out
	case strings.HasPrefix(r.URL.Path, "/realms/"):
		return oauthError(http.StatusNotFound, "Realm does not exist", "")
	}
	return refuse(http.StatusNotFound, "Not Found")
}
