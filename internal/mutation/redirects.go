package mutation

const followNothing = "CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },"

var redirects = []Mutation{
	{
		Rule: "no redirect is followed",
		File: transport + "client.go", Test: "TestSlashRedirectOfAnotherStatusIsAnError",
		Old: followNothing, New: "",
		Also: &Edit{transport + "attempt.go", "\t\tresp.Header = nil //", "\t\t//"},
	},
	{
		Rule: "a redirect is an error",
		File: transport + "call.go", Test: "TestOtherRedirectsAreErrors",
		Old: "if c.status >= 300 && c.status < 400 {",
		New: "if c.status < 0 {",
	},
	{
		Rule: "only a slash may differ",
		File: transport + "redirect.go", Test: "TestOtherRedirectsAreErrors",
		Old: "errX == nil && errY == nil && x == y",
		New: "errX == nil && errY == nil && len(x) == len(y)",
	},
	{
		Rule: "the slash must differ, or it goes in a circle",
		File: transport + "redirect.go", Test: "TestOtherRedirectsAreErrors",
		Old: "return slashA != slashB && ",
		New: "return (slashA || !slashA || slashB) && ",
	},
	{
		Rule: "a foreign host's word counts for nothing",
		File: transport + "redirect.go", Test: "TestOtherRedirectsAreErrors",
		Old: "if !strings.EqualFold(loc.Hostname(), t.origin.Hostname()) {",
		New: "if loc.Hostname() == \"\" {",
	},
	{
		Rule: "another query is another address",
		File: transport + "redirect.go", Test: "TestOtherRedirectsAreErrors",
		Old: " || !maps.EqualFunc(r.URL.Query(), loc.Query(), slices.Equal) {",
		New: " || maps.EqualFunc(map[string][]string{\"a\": nil}, loc.Query(), slices.Equal) {",
	},
	{
		Rule: "the other spelling is taken with the body",
		File: transport + "redirect.go", Test: "TestSlashRedirectIsTakenOnceOnOurOwnHost",
		Old: "\tagain.URL = to\n\tif r.GetBody != nil {",
		New: "\tagain.URL = to\n\tif r.GetBody == nil {",
	},
	{
		Rule: "a Location that cannot be parsed is not printed",
		File: transport + "attempt.go", Test: "TestOtherRedirectsAreErrors",
		Old: "\t\tresp.Header = nil //",
		New: "\t\t//",
	},
	{
		Rule: "a path element cannot divide the path",
		File: transport + "path.go", Test: "TestHostilePathElementStaysOneElement",
		Old: "url.PathEscape(a) != a",
		New: "a == \"\"",
	},
	{
		Rule: "nor below a base path with an escape in it",
		File: transport + "path.go", Test: "TestHostilePathElementStaysOneElement",
		Old: "parts[i] = url.PathEscape(part)",
		New: "parts[i] = part",
	},
	{
		Rule: "nor below a base path spelled otherwise",
		File: transport + "path.go", Test: "TestHostilePathElementStaysOneElement",
		Old: "parts[i] = base.EscapedPath()",
		New: "parts[i] = base.RawPath",
	},
	{
		Rule: "dot segments are refused",
		File: transport + "path.go", Test: "TestPathElementThatChangesThePathIsRefusedBeforeAnythingIsSent",
		Old: "case \".\", \"..\":",
		New: "case \"...\":",
	},
	{
		Rule: "empty elements are refused",
		File: transport + "path.go", Test: "TestPathElementThatChangesThePathIsRefusedBeforeAnythingIsSent",
		Old: "\tcase \"\":\n\t\treturn \"must not be empty\"\n",
		New: "",
	},
	{
		Rule: "addresses are https",
		File: transport + "base.go", Test: "TestAddressForCredentialsIsHTTPSOrLoopback",
		Old: "case u.Scheme == \"http\" && !loopback(u.Hostname()):",
		New: "case u.Scheme == \"gopher\":",
	},
}
