package mutation

const cache = "internal/tokens/"

var tokens = []Mutation{
	{
		Rule: "a wait for a token ends with its caller",
		File: cache + "cache.go", Test: "TestCallerWaitsNoLongerThanItsContext",
		Old: "\tcase <-ctx.Done():\n\t\treturn nil, transport.Canceled(ctx)\n",
		New: "",
	},
	{
		Rule: "the exchange is shared",
		File: cache + "cache.go", Test: "TestHerdCausesOneExchange",
		Old: "\tif c.flight != nil {\n\t\treturn c.flight\n\t}\n",
		New: "",
	},
	{
		Rule: "the exchange is bounded",
		File: cache + "cache.go", Test: "TestHungExchangeEndsByItself",
		Old: "context.WithTimeoutCause(c.base, exchangeTimeout, errExchangeTimeout)",
		New: "context.WithTimeoutCause(c.base, 9*exchangeTimeout, errExchangeTimeout)",
	},
	{
		Rule: "a failure is remembered",
		File: cache + "cache.go", Test: "TestFailureIsRememberedForAMoment",
		Old: "if c.failed.err != nil && time.Now().Before(c.failed.until) {",
		New: "if c.base == nil {",
	},
	{
		Rule: "Retry-After of the token endpoint is kept",
		File: cache + "cache.go", Test: "TestRetryAfterOfTheEndpointIsKept",
		Old: "return max(rememberFailure, min(e.RetryAfter, rememberAtMost))",
		New: "return rememberFailure",
	},
	{
		Rule: "a token is dropped by identity",
		File: cache + "cache.go", Test: "TestRejectedTokenIsDroppedByIdentity",
		Old: "c.current.CompareAndSwap(t, nil)",
		New: "c.current.Store(nil)",
	},
	{
		Rule: "and so by the authorizer",
		File: cache + "exchange.go", Test: "TestRevokedTokenIsRefreshedOnceForAll",
		Old: "t != nil && t.credential == c {",
		New: "t != nil {",
	},
	{
		Rule: "a token close to its end is refreshed",
		File: cache + "cache.go", Test: "TestTokenIsRefreshedInTheBackgroundBeforeItEnds",
		Old: "\t\t\tc.refresh()\n\t\t\treturn t, nil\n",
		New: "\t\t\treturn t, nil\n",
	},
	{
		Rule: "the refresh is early",
		File: cache + "cache.go", Test: "TestTokenIsRefreshedInTheBackgroundBeforeItEnds",
		Old: "t.refreshAt = t.Expiry.Add(-early)",
		New: "t.refreshAt = t.Expiry.Add(-early / 10)",
	},
	{
		Rule: "a failing refresh is not tried by every call",
		File: cache + "cache.go", Test: "TestFailedRefreshDoesNotHurtWhileTheTokenLives",
		Old: " || time.Now().Before(c.failed.until) {",
		New: " {",
	},
	{
		Rule: "an expired token is not served",
		File: cache + "cache.go", Test: "TestExpiredTokenIsNotServed",
		Old: "\t\tif time.Until(t.Expiry) > 0 {\n\t\t\tc.refresh()",
		New: "\t\tif time.Until(t.Expiry) > -time.Hour {\n\t\t\tc.refresh()",
	},
	{
		Rule: "Close ends the exchange",
		File: cache + "cache.go", Test: "TestCloseEndsEverything",
		Old: "\tc.stop()\n",
		New: "",
	},
	{
		Rule: "a closed cache stays closed",
		File: cache + "cache.go", Test: "TestExchangeThatEndsDuringCloseIsDropped",
		Old: "case c.base.Err() != nil: //",
		New: "case f.err != nil && c.base.Err() != nil: //",
	},
	{
		Rule: "a wrong secret is sent once",
		File: cache + "exchange.go", Test: "TestSecretIsSentOnceToAnEndpointThatRefusesIt",
		Old: "n == exchangeTries || permanent(err) ||",
		New: "n == exchangeTries ||",
	},
	{
		Rule: "a passing failure is tried once more",
		File: cache + "cache.go", Test: "TestPassingFailureIsTriedOnceMore",
		Old: "exchangeTries    = 2",
		New: "exchangeTries    = 1",
	},
	{
		Rule: "the secret does not follow a redirect",
		File: cache + "exchange.go", Test: "TestSecretIsNotSentAfterARedirect",
		Old: followNothing, New: "",
		Also: &Edit{cache + "tripper.go", "\tdelete(header, \"Location\") //", "\t//"},
	},
	{
		Rule: "a Location that cannot be parsed does not hide the redirect",
		File: cache + "tripper.go", Test: "TestSecretIsNotSentAfterARedirect",
		Old: "\tdelete(header, \"Location\") //",
		New: "\t//",
	},
	{
		Rule: "the secret is not guessed at twice",
		File: cache + "exchange.go", Test: "TestSecretIsSentOnceToAnEndpointThatRefusesIt",
		Old: "AuthStyle: oauth2.AuthStyleInParams,",
		New: "AuthStyle: oauth2.AuthStyleAutoDetect,",
	},
	{
		Rule: "only Bearer is taken",
		File: cache + "exchange.go", Test: "TestTokenTypeIsNotGuessed",
		Old: "if !strings.EqualFold(t.Type(), \"Bearer\") {",
		New: "if t == nil {",
	},
	{
		Rule: "a token cannot write headers",
		File: cache + "exchange.go", Test: "TestTokenThatDoesNotFitAHeaderIsRefused",
		Old: "return r < ' ' || r > '~'",
		New: "return r == 0",
	},
	{
		Rule: "a life that is not said is short",
		File: cache + "exchange.go", Test: "TestLifetimeIsReadInEveryForm",
		Old: "life := unknownLifetime",
		New: "life := longestTokenLife",
	},
	{
		Rule: "a life counts from the question",
		File: cache + "exchange.go", Test: "TestLifeCountsFromTheQuestion",
		Old: "Expiry: asked.Add(life)",
		New: "Expiry: time.Now().Add(life)",
	},
	{
		Rule: "the secret is not in an error",
		File: cache + "error.go", Test: "TestSecretThatTheEndpointRepeatsIsHidden",
		Old: "Description: without(secret, re.ErrorDescription)}",
		New: "Description: re.ErrorDescription}",
	},
	{
		Rule: "the library's error is not in the chain",
		File: cache + "error.go", Test: "TestErrorSaysWhatTheEndpointAnswered",
		Old: "Code: oauthCode(re.ErrorCode), ",
		New: "Code: oauthCode(re.ErrorCode), Cause: re, ",
	},
	{
		Rule: "an oversized answer is refused",
		File: cache + "tripper.go", Test: "TestErrorSaysWhatTheEndpointAnswered",
		Old: "\t\treturn nil, errAnswerTooLarge\n",
		New: "\t\tbody = body[:maxTokenAnswer]\n",
	},
	{
		Rule: "a token is not printed",
		File: cache + "hidden.go", Test: "TestTokenAndConfigAreNotPrinted",
		Old: "func (hidden) Format(",
		New: "func (hidden) Formatted(",
	},
}
