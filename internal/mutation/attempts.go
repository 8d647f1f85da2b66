package mutation

var attempts = []Mutation{
	{
		Rule: "evidence is positive: a mock may have sent",
		File: transport + "evidence.go", Test: "TestPostWithoutEvidenceIsSentOnce",
		Old: "return e.asked.Load() && !e.got.Load()",
		New: "return !e.got.Load()",
	},
	{
		Rule: "a connection is evidence of sending",
		File: transport + "evidence.go", Test: "TestPostThatMayHaveArrivedIsSentOnce",
		Old: "return e.asked.Load() && !e.got.Load()",
		New: "return e.asked.Load()",
	},
	{
		Rule: "every request of an attempt counts",
		File: transport + "attempt.go", Test: "TestEvidenceCountsEveryRequestOfTheAttempt",
		Old: "func (a *attempt) harmless() { a.open.Add(-1) }",
		New: "func (a *attempt) harmless() { a.open.Store(0) }",
	},
	{
		Rule: "a request under way is no evidence",
		File: transport + "attempt.go", Test: "TestAbandonedWriteIsNotTakenForUnsent",
		Old: "return a.open.Add(1) < over",
		New: "return a.open.Load() < over",
	},
	{
		Rule: "an abandoned request does not leave later",
		File: transport + "attempt.go", Test: "TestAbandonedWriteDoesNotLeaveLater",
		Old: "return a.open.Add(1) < over",
		New: "return a.open.Add(1) > 0",
	},
	{
		Rule: "a middleware of its own mind may have sent",
		File: transport + "call.go", Test: "TestMaybeAppliedFollowsTheEvidence",
		Old: "c.unsent = a.known.Load() && !mayHave",
		New: "c.unsent = !mayHave",
	},
	{
		Rule: "408 may have been applied",
		File: transport + "call.go", Test: "TestMaybeAppliedFollowsTheStatus",
		Old: "\tcase http.StatusRequestTimeout:\n\t\treturn false\n",
		New: "",
	},
	{
		Rule: "what one attempt may have done is not forgotten by the next",
		File: transport + "call.go", Test: "TestMaybeAppliedFollowsTheEvidence",
		Old: "MaybeApplied: c.op.Write() && c.maybe",
		New: "MaybeApplied: c.op.Write() && !c.unsent && c.status == 0",
	},
	{
		Rule: "an attempt is bounded",
		File: transport + "attempt.go", Test: "TestAttemptTimeoutIsRetriedForReads",
		Old: "context.WithTimeoutCause(c, c.client.attemptTimeout, ErrAttemptTimeout)",
		New: "context.WithTimeoutCause(c, 1000*c.client.attemptTimeout, ErrAttemptTimeout)",
	},
	{
		Rule: "an attempt's timeout has its own name",
		File: transport + "explain.go", Test: "TestAttemptTimeoutIsNotTheCallersDeadline",
		Old: "if context.Cause(a) == ErrAttemptTimeout {\n\t\treturn ErrAttemptTimeout",
		New: "if context.Cause(a) == ErrAttemptTimeout {\n\t\treturn context.DeadlineExceeded",
	},
	{
		Rule: "time limits below do not pass for the caller's",
		File: transport + "explain.go", Test: "TestTimeoutBelowIsNotTheCallersDeadline",
		Old: "return Detached(err)",
		New: "return err",
	},
	{
		Rule: "the limiter sees the caller's deadline alone",
		File: transport + "attempt.go", Test: "TestLimiterWaitIsNoPartOfTheAttempt",
		Old: "if err := l.Wait(c); err != nil {",
		New: "bounded, cancel := context.WithTimeout(c, c.client.attemptTimeout)\n\t\tdefer cancel()\n\t\tif err := l.Wait(bounded); err != nil {",
	},
	{
		Rule: "a failed call leaves the pool alone",
		File: transport + "attempt.go", Test: "TestFailedCallLeavesTheCallersPoolAlone",
		Old: "// limitError marks",
		New: "func (t *attemptTripper) CloseIdleConnections() {\n\t(&http.Client{Transport: t.next.(*slashTripper).next.(*authTripper).next}).CloseIdleConnections()\n}\n\n// limitError marks",
	},
	{
		Rule: "what a middleware changes stays with the attempt",
		File: transport + "attempt.go", Test: "TestMiddlewareMayChangeItsRequestInPlace",
		Old: "r.URL, r.Header = &u, r.Header.Clone()",
		New: "_, r.Header = &u, r.Header.Clone()",
	},
	{
		Rule: "a middleware may return nothing",
		File: transport + "attempt.go", Test: "TestMiddlewareThatReturnsNothingIsAnError",
		Old: "case resp == nil:",
		New: "case resp == nil && r == nil:",
	},
	{
		Rule: "cancellation carries its cause",
		File: transport + "failure.go", Test: "TestCancelAnywhereReturnsAtOnceWithItsCause",
		Old: "return []error{e.Err, e.Cause}",
		New: "return []error{e.Err}",
	},
	{
		Rule: "a caller who left while the loop decides is told so",
		File: transport + "client.go", Test: "TestCancelAnywhereReturnsAtOnceWithItsCause",
		Old: "if st.interrupted || err != nil && st.Err() != nil {",
		New: "if st.interrupted {",
	},
	{
		Rule: "a caller who is gone sends nothing",
		File: transport + "client.go", Test: "TestCallerWhoIsGoneSendsNothing",
		Old: "\tif st.Err() != nil {\n\t\treturn false, Canceled(st.Context)\n\t}\n",
		New: "",
	},
}
