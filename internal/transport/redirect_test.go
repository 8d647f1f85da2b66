package transport

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

// sendingTo redirects the first request, and agrees to any other.
func sendingTo(status int, location string) handler {
	return func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 1 {
			w.Header().Set("Location", location)
			answer(w, status, html)
			return
		}
		answer(w, 200, `{}`)
	}
}

func TestRedirect_SlashRedirectIsTakenOnceOnOurOwnHost(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, location, want string }{
		"slash added":                     {"/v1/things", "http://localhost/v1/things/", "/v1/things/"},
		"slash dropped":                   {"/v1/things/", "http://localhost/v1/things", "/v1/things"},
		"relative":                        {"/v1/things", "/v1/things/", "/v1/things/"},
		"by path alone":                   {"/v1/things", "things/", "/v1/things/"},
		"other scheme":                    {"/v1/things", "https://localhost/v1/things/", "/v1/things/"},
		"other case of the host":          {"/v1/things", "http://LOCALHOST/v1/things/", "/v1/things/"},
		"default port":                    {"/v1/things", "http://localhost:80/v1/things/", "/v1/things/"},
		"default port of other scheme":    {"/v1/things", "https://localhost:443/v1/things/", "/v1/things/"},
		"fragment":                        {"/v1/things", "/v1/things/#top", "/v1/things/"},
		"element spelled otherwise":       {"/v1/a%2Cb", "/v1/a,b/", "/v1/a%2Cb/"},
		"element with an escaped slash":   {"/v1/a%2Fb", "/v1/a%2Fb/", "/v1/a%2Fb/"},
		"element ends in escaped slash":   {"/v1/a%2F", "/v1/a%2F/", "/v1/a%2F/"},
		"element, its last slash dropped": {"/v1/a%2F/", "/v1/a%2F", "/v1/a%2F"},
	}
	for name, tc := range tests {
		for _, method := range []string{"GET", "POST"} {
			for _, status := range []int{307, 308} {
				t.Run(name+" "+method, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						g := virtual(t, sendingTo(status, tc.location))
						res, err := g.Do(t.Context(), callTo(method, tc.path))
						require.NoError(t, err)
						assert.Equal(t, 1, res.Attempts)
						seen := g.requests()
						require.Len(t, seen, 2)
						assert.Equal(t, tc.path, seen[0].uri)
						assert.Equal(t, tc.want, seen[1].uri)
						assert.Equal(t, "localhost", seen[1].host)
						assert.Equal(t, seen[0].auth, seen[1].auth)
						assert.Equal(t, seen[0].body, seen[1].body)
						assert.Equal(t, method, seen[1].method)
					})
				})
			}
		}
	}
}

// callTo makes a call whose escaped path is given, element by element.
func callTo(method, path string) Call {
	op := &lockerline.Operation{Name: "things.any", Method: method}
	in := Call{Op: op}
	for _, e := range strings.Split(path[1:], "/") {
		if !strings.Contains(e, "%") {
			op.Path += "/" + e
			continue
		}
		op.Path += "/{thing}"
		in.Args = append(in.Args, strings.NewReplacer("%2C", ",", "%2F", "/").Replace(e))
	}
	if method == "POST" {
		in.Body = []byte(writeBody)
	}
	return in
}

func TestRedirect_SlashRedirectKeepsTheQuery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, sendingTo(307, "/v1/things/1/?skip=0&limit=9"))
		in := read()
		in.Query = "limit=9&skip=0"
		_, err := g.Do(t.Context(), in)
		require.NoError(t, err)
		assert.Equal(t, "/v1/things/1/?limit=9&skip=0", g.requests()[1].uri)
	})
}

// Whatever else a server points to is not followed: not for reads, not for writes, and
// above all not with a credential.
func TestRedirect_OthersAreErrors(t *testing.T) {
	t.Parallel()
	locations := map[string]string{
		"foreign host":            "http://evil.example/v1/things/",
		"subdomain":               "http://localhost.evil.example/v1/things/",
		"other port":              "http://localhost:8080/v1/things/",
		"user in the address":     "http://user:pw@localhost/v1/things/",
		"other path":              "/v2/things/",
		"path below":              "/v1/things/1/",
		"path above":              "/v1/",
		"dot segments":            "/v1/things/../secrets/",
		"two slashes":             "/v1/things//",
		"same address":            "/v1/things",
		"new query":               "/v1/things/?admin=1",
		"other scheme altogether": "ftp://localhost/v1/things/",
		"no scheme":               "//evil.example/v1/things/",
		"none":                    "",
		"not a URL":               "http://[SECRET/%zz",
		"not a path":              "%zz-SECRET",
	}
	for name, location := range locations {
		for _, method := range []string{"GET", "POST"} {
			for _, status := range []int{307, 308} {
				t.Run(name+" "+method, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						g := virtual(t, sendingTo(status, location))
						f := g.call(t, callTo(method, "/v1/things"))
						assert.Equal(t, 1, g.hits())
						assert.Equal(t, 1, f.Attempts)
						assert.Equal(t, status, f.StatusCode)
						assert.Equal(t, html, string(f.Body))
						assert.Contains(t, f.Error(), "things.any: answered by a redirect")
						assert.NotContains(t, f.Error(), "SECRET")
						assert.False(t, f.MaybeApplied, "the handler did not run")
						assert.False(t, lockerline.Retryable(f))
					})
				})
			}
		}
	}
}

func TestRedirect_SlashRedirectOfAnotherStatusIsAnError(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 301, 302, 303, 304, 305} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, sendingTo(status, "/v1/things/"))
			f := g.call(t, write())
			assert.Equal(t, 1, g.hits(), "%d may turn a POST into a GET", status)
			assert.Equal(t, status, f.StatusCode)
		})
	}
}

func TestRedirect_InACircleEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			to, slash := strings.CutSuffix(r.URL.Path, "/")
			if !slash {
				to += "/"
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		})
		f := g.call(t, write())
		assert.Equal(t, 2, g.hits())
		assert.Equal(t, 307, f.StatusCode)
		assert.False(t, f.MaybeApplied)
	})
}

func TestRedirect_RefusalAfterASlashRedirectIsHandledAsUsual(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := new(keys)
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) {
			switch n {
			case 1, 4:
				http.Redirect(w, r, "/v1/things/", http.StatusTemporaryRedirect)
			default:
				answer(w, map[int]int{2: 401, 3: 429, 5: 201}[n], `{}`)
			}
		}, withAuth(k))
		res, err := g.Do(t.Context(), write())
		require.NoError(t, err)
		assert.Equal(t, 2, res.Attempts)
		var uris, auths []string
		for _, r := range g.requests() {
			uris, auths = append(uris, r.uri), append(auths, r.auth)
			assert.Equal(t, writeBody, r.body)
		}
		assert.Equal(t, []string{"/v1/things", "/v1/things/", "/v1/things/", "/v1/things", "/v1/things/"}, uris)
		assert.Equal(t, []string{"Bearer key-1", "Bearer key-1", "Bearer key-2", "Bearer key-2", "Bearer key-2"}, auths)
	})
}

func TestRedirect_LostAnswerAfterASlashRedirectMayHaveBeenApplied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) {
			then(n, sendingTo(307, "/v1/things/"), cut)(w, r, n)
		})
		f := g.call(t, write())
		assert.Equal(t, 2, g.hits())
		assert.True(t, f.MaybeApplied)
	})
}
