package lockerlinetest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

var routes = lockerlinetest.Routes{
	{Name: "one", Method: "GET", Path: "/a/{x}"},
	{Name: "newest", Method: "GET", Path: "/a/newest"},
	{Name: "slash", Method: "GET", Path: "/a/{x}/"},
	{Name: "drop", Method: "DELETE", Path: "/a/{x}"},
	{Name: "two", Method: "GET", Path: "/a/{x}/b/{y}"},
}

func TestFind_MatchesWholePaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		op   string
		args map[string]string
	}{
		"/a/1":           {"one", map[string]string{"x": "1"}},
		"/a/newest":      {"newest", nil},
		"/a/1/":          {"slash", map[string]string{"x": "1"}},
		"/a/p%2Fq/b/%25": {"two", map[string]string{"x": "p/q", "y": "%"}},
		"/a/":            {},
		"/a":             {},
		"/a//b/2":        {},
		"/a/%zz":         {},
		"":               {},
	} {
		op, args, ok := routes.Find("GET", path)
		assert.Equal(t, want.op, op.Name, path)
		assert.Equal(t, want.args, args, path)
		assert.Equal(t, want.op != "", ok, path)
	}
	_, _, ok := routes.Find("PUT", "/a/1")
	assert.False(t, ok)
}

func TestMethods_AreThoseOfThePath(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"GET", "DELETE"}, routes.Methods("/a/newest"))
	assert.Empty(t, routes.Methods("/b"))
}
