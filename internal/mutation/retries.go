package mutation

const transport = "internal/transport/"

var retries = []Mutation{
	{
		Rule: "a write that may have arrived is not repeated after an error status",
		File: transport + "retry.go", Test: "TestPostThatMayHaveArrivedIsSentOnce",
		Old: "http.StatusServiceUnavailable, http.StatusGatewayTimeout:\n\t\treturn c.idempotent",
		New: "http.StatusServiceUnavailable, http.StatusGatewayTimeout:\n\t\treturn true",
	},
	{
		Rule: "a write that may have arrived is not repeated after a lost connection",
		File: transport + "retry.go", Test: "TestPostOnDyingReusedConnectionIsSentOnce",
		Old: "return !final(err) && (c.idempotent || c.unsent)",
		New: "return !final(err)",
	},
	{
		Rule: "a write that never left is repeated",
		File: transport + "retry.go", Test: "TestPostThatNeverLeftIsSentAgain",
		Old: "return !final(err) && (c.idempotent || c.unsent)",
		New: "return !final(err) && c.idempotent",
	},
	{
		Rule: "reads are repeated",
		File: transport + "retry.go", Test: "TestReadIsRepeatedWhereAWriteIsNot",
		Old: "return !final(err) && (c.idempotent || c.unsent)",
		New: "return !final(err) && c.unsent",
	},
	{
		Rule: "429 is repeated for writes",
		File: transport + "retry.go", Test: "TestPostRefusedByRateLimitIsSentAgainWithItsBody",
		Old: "\t\treturn c.idempotent || c.unsent\n",
		New: "\t\treturn c.idempotent\n",
	},
	{
		Rule: "429 does not excuse another request of the attempt",
		File: transport + "retry.go", Test: "TestEvidenceCountsEveryRequestOfTheAttempt",
		Old: "\t\treturn c.idempotent || c.unsent\n",
		New: "\t\treturn true\n",
	},
	{
		Rule: "attempts are bounded",
		File: transport + "retry.go", Test: "TestReadsRepeatByStatus",
		Old: "return c.client.retry.MaxAttempts",
		New: "return c.client.retry.MaxAttempts + 1",
	},
	{
		Rule: "NoRetry sends one request",
		File: transport + "retry.go", Test: "TestNoRetrySendsExactlyOneRequest",
		Old: "\tif c.noRetry {\n\t\treturn 1",
		New: "\tif c.noRetry {\n\t\treturn 2",
	},
	{
		Rule: "NoRetry includes the repeat after 401",
		File: transport + "auth.go", Test: "TestNoRetrySendsExactlyOneRequest",
		Old: "if c.noRetry || r.Body",
		New: "if r.Body",
	},
	{
		Rule: "a hint above the cap ends the call",
		File: transport + "retry.go", Test: "TestRetryAfterBeyondTheCapReturnsAtOnce",
		Old: "hint > c.client.retry.MaxRetryAfter",
		New: "hint < 0",
	},
	{
		Rule: "a wait beyond the deadline is not begun",
		File: transport + "retry.go", Test: "TestRetryAfterBeyondDeadlineReturnsAtOnce",
		Old: "time.Until(deadline) <= c.wait",
		New: "time.Until(deadline) < 0",
	},
	{
		Rule: "a hint is waited for",
		File: transport + "retry.go", Test: "TestRetryAfterIsWaitedFor",
		Old: "c.wait = max(c.wait, hint)",
		New: "c.wait = min(c.wait, hint)",
	},
	{
		Rule: "a hint of nothing is no hot loop",
		File: transport + "retry.go", Test: "TestRetryAfterOfNothingIsNoHotLoop",
		Old: "c.wait = max(c.wait, hint)",
		New: "c.wait = hint",
	},
	{
		Rule: "a hint does not overflow",
		File: transport + "retryafter.go", Test: "TestRetryAfterIsReadInEveryForm",
		Old: "if err != nil || n > int64(maxHint/time.Second) {",
		New: "if err != nil {",
	},
	{
		Rule: "a date is measured by the server's clock",
		File: transport + "retryafter.go", Test: "TestRetryAfterDateIsMeasuredByTheServersClock",
		Old: "\t\tnow = date\n",
		New: "\t\t_ = date\n",
	},
	{
		Rule: "back-off is spread",
		File: transport + "retry.go", Test: "TestBackOffGrowsIsSpreadAndCapped",
		Old: "return step/2 + rand.N(step/2+1)",
		New: "return step - 0*rand.N(step/2+1)",
	},
	{
		Rule: "a bad certificate is final",
		File: transport + "retry.go", Test: "TestTransientIsWhatMayPassByItself",
		Old: "*tls.CertificateVerificationError, tls.RecordHeaderError,\n\t\t// What a user's own verification function returns comes as it is.\n\t\tx509.HostnameError, x509.UnknownAuthorityError, x509.CertificateInvalidError:",
		New: "tls.RecordHeaderError, x509.ConstraintViolationError:",
	},
	{
		Rule: "plain HTTP on a TLS port is final",
		File: transport + "retry.go", Test: "TestPlainHTTPOnATLSPortIsFinal",
		Old: ", http.ErrSchemeMismatch:",
		New: ":",
	},
	{
		Rule: "a missing token is final",
		File: transport + "retry.go", Test: "TestMissingCredentialIsFinalAndSendsNothing",
		Old: "case *credentialError, ",
		New: "case ",
	},
	{
		Rule: "the limiter's no is final",
		File: transport + "retry.go", Test: "TestLimiterFailureEndsTheCallBeforeAnythingIsSent",
		Old: "*limitError, ",
		New: "",
	},
}
