package mutation

var secrets = []Mutation{
	{
		Rule: "the credential stays on its host",
		File: transport + "auth.go", Test: "TestCredentialNeverLeavesItsHost",
		Old: "if !sameOrigin(r.URL, t.origin) {",
		New: "if r.URL == nil {",
	},
	{
		Rule: "and on its scheme",
		File: transport + "base.go", Test: "TestCredentialNeverLeavesItsHost",
		Old: "return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)",
		New: "return strings.EqualFold(a.Host, b.Host)",
	},
	{
		Rule: "the credential is renewed once per call",
		File: transport + "auth.go", Test: "TestCredentialIsRenewedOncePerCall",
		Old: "return c.refreshed.CompareAndSwap(false, true)",
		New: "return true",
	},
	{
		Rule: "the first 401 renews it",
		File: transport + "auth.go", Test: "TestPostIsRepeatedOnceAfterTheFirst401",
		Old: "return c.refreshed.CompareAndSwap(false, true)",
		New: "return false",
	},
	{
		Rule: "a refused credential is reported even without retry",
		File: transport + "auth.go", Test: "TestRejectedCredentialIsReportedEvenWithoutRetry",
		Old: "if !t.auth.Reject(scope, cred) || !a.call.mayReplay(r) {",
		New: "if !a.call.mayReplay(r) || !t.auth.Reject(scope, cred) {",
	},
	{
		Rule: "a middleware sees no credential",
		File: transport + "auth.go", Test: "TestMiddlewareSeesEachAttemptAndNoCredential",
		Old: "\th[cred.header] = cred.value\n",
		New: "\th[cred.header] = cred.value\n\tr.Header[cred.header] = cred.value\n",
	},
	{
		Rule: "a credential is not printed",
		File: transport + "auth.go", Test: "TestCredentialIsNotPrinted",
		Old: "func (c Credential) Format(",
		New: "func (c Credential) Formatted(",
	},
	{
		Rule: "errors do not show the URL",
		File: transport + "retry.go", Test: "TestErrorNeverShowsURL",
		Old: "\t\terr = u.Err\n",
		New: "\t\treturn u\n",
	},
	{
		Rule: "hooks do not see the URL",
		File: transport + "call.go", Test: "TestNothingTellsURLIdentifierOrSecret",
		Old: "time.Since(started), StripURL(err)}",
		New: "time.Since(started), err}",
	},
	{
		Rule: "what net/http quotes is not passed on",
		File: transport + "explain.go", Test: "TestNothingTellsURLIdentifierOrSecret",
		Old: "strings.Contains(text, \"malformed \")",
		New: "strings.Contains(text, \"nonsense \")",
	},
	{
		Rule: "decode errors do not show the answer",
		File: transport + "decode.go", Test: "TestNothingTellsURLIdentifierOrSecret",
		Old: "e.Reason = \"wrong shape\"",
		New: "e.Reason = err.Error()",
	},
	{
		Rule: "unknown words are bounded",
		File: transport + "hooks.go", Test: "TestUnknownValueIsBounded",
		Old: "value = Cut(value, maxUnknown)",
		New: "_ = maxUnknown",
	},
}
