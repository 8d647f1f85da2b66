package transport

import (
	"bufio"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

var hostile = []string{
	"a/b", "../secret", "..\\secret", "a?x=1", "a#b", "%2e%2e", "%2f", "%", "%zz", "a%00b", ";x=1", "..;", "a b", "é", "💥", "*", "~", "http://evil.example/",
	"//evil", "@evil", "a:b", "a+b", "a&b=c", "'\"<>", "{thing}", "\xff\xfe", "a\\b", "...", " ", ". ", "\u202e", "\u2028", "\u00a0",
}

func TestPath_HostileElementStaysOneElement(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://localhost", "http://localhost/a%20b", "http://localhost/a%2Fb", "http://localhost/é/"} {
		for _, id := range hostile {
			synctest.Test(t, func(t *testing.T) {
				var got []string
				g := virtual(t, func(w http.ResponseWriter, r *http.Request, _ int) {
					got = strings.Split(r.URL.EscapedPath(), "/")
					assert.Empty(t, r.URL.RawQuery)
					answer(w, 200, `{}`)
				}, func(c *setup) { c.url = base })
				op := &lockerline.Operation{Name: "x", Method: "GET", Path: "/v1/{a}/doors/{b}"}
				_, err := g.Do(t.Context(), Call{Op: op, Args: []string{id, "7"}})
				require.NoError(t, err, "%q", id)
				got = got[len(got)-4:]
				element, err := url.PathUnescape(got[1])
				require.NoError(t, err)
				assert.Equal(t, id, element)
				assert.Equal(t, []string{"v1", "doors", "7"}, []string{got[0], got[2], got[3]})
			})
		}
	}
}

func mustParse(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := ParseURL(raw)
	require.NoError(t, err)
	return u
}

func TestPath_ElementThatChangesItIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", "..", "\x00", "a\nb", "\t", "a\x7f", "\r\nHost: evil"} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, statuses(200))
			_, err := g.Do(t.Context(), Call{Op: opRead, Args: []string{id}})
			var f *lockerline.ArgumentError
			require.ErrorAs(t, err, &f)
			require.Len(t, f.Fields, 1)
			assert.Equal(t, "thing", f.Fields[0].Field)
			assert.Zero(t, g.hits())
			if strings.TrimSpace(id) != "" && len(id) > 2 {
				assert.NotContains(t, f.Error(), id)
			}
		})
	}
}

func TestPath_WrongNumberOfElementsIsRefused(t *testing.T) {
	t.Parallel()
	base := mustParse(t, "https://api.example")
	for template, args := range map[string][]string{"/a/{x}": nil, "/a/{x}/{y}": {"1"}, "/a": {"1"}, "/a/{x": {"1"}} {
		_, err := expand(base, template, args)
		assert.Error(t, err, template)
	}
}

// FuzzPath: whatever the identifier, the request line that goes out is read by a server
// as the template's path with one element in the place of the brace.
func FuzzPath(f *testing.F) {
	for _, id := range hostile {
		f.Add("/a%20b", id)
		f.Add("", id)
	}
	f.Fuzz(func(t *testing.T, prefix, id string) {
		base, err := ParseURL("https://api.example" + prefix)
		if err != nil || base.Host != "api.example" {
			return
		}
		u, err := expand(base, "/v1/{x}/end", []string{id})
		if err != nil {
			if badElement(id) == "" {
				t.Fatalf("%q is refused: %v", id, err)
			}
			return
		}
		line := "GET " + u.RequestURI() + " HTTP/1.1\r\nHost: api.example\r\n\r\n"
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(line)))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got := strings.Split(r.URL.EscapedPath(), "/")
		want := slices.Concat(strings.Split(base.EscapedPath(), "/"), []string{"v1", url.PathEscape(id), "end"})
		if !slices.Equal(got, want) {
			t.Fatalf("base %q, element %q went out as %q, want %q", base, id, got, want)
		}
		if back, err := url.PathUnescape(got[len(got)-2]); err != nil || back != id {
			t.Fatalf("%q came back as %q, %v", id, back, err)
		}
		if r.URL.RawQuery != "" {
			t.Fatalf("%q became a query", id)
		}
	})
}
