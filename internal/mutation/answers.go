package mutation

var answers = []Mutation{
	{
		Rule: "the body of a refusal is drained",
		File: transport + "body.go", Test: "TestErrorAnswersCostNoConnection",
		Old: "maxRefusal = 256 << 10",
		New: "maxRefusal = 4 << 10",
	},
	{
		Rule: "the body of a 401 is drained",
		File: transport + "body.go", Test: "TestRefusedCredentialCostsNoConnection",
		Old: "_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxRefusal))",
		New: "_ = io.Discard",
	},
	{
		Rule: "bodies are read to their end",
		File: transport + "body.go", Test: "TestAnswerOverTheLimitIsATypedEnd",
		Old: "\t\t\treturn errTooLarge\n",
		New: "\t\t\treturn nil\n",
	},
	{
		Rule: "the status of a cut refusal stands",
		File: transport + "attempt.go", Test: "TestCutRefusalKeepsItsStatus",
		Old: "if resp.StatusCode >= 400 && c.Err() == nil {",
		New: "if resp.StatusCode >= 600 {",
	},
	{
		Rule: "a cut success is none",
		File: transport + "attempt.go", Test: "TestCutSuccessIsRepeatedForReads",
		Old: "if resp.StatusCode >= 400 && c.Err() == nil {",
		New: "if c.Err() == nil {",
	},
	{
		Rule: "the last answer's status survives",
		File: transport + "call.go", Test: "TestLastAnswerSurvivesCancelInBackoff",
		Old: "Op: c.op, StatusCode: c.status, RequestID",
		New: "Op: c.op, StatusCode: 0 * c.status, RequestID",
	},
	{
		Rule: "the last answer's body survives",
		File: transport + "call.go", Test: "TestLastAnswerSurvivesExhaustedRetries",
		Old: "f.Body = bytes.Clone(",
		New: "_ = bytes.Clone(",
	},
	{
		Rule: "what an error keeps is not in a pooled buffer",
		File: transport + "call.go", Test: "TestSnapshotOutlivesTheCall",
		Old: "f.Body = bytes.Clone(c.buf.Bytes()[:min(c.buf.Len(), maxRefusal)])",
		New: "f.Body = c.buf.Bytes()[:min(c.buf.Len(), maxRefusal)]",
	},
	{
		Rule: "null is no answer",
		File: transport + "decode.go", Test: "TestAnswerThatCannotBeReadSaysWhatAndWhere",
		Old: "if bytes.Equal(body, []byte(\"null\")) {",
		New: "if false {",
	},
	{
		Rule: "the idle pool fits a backend",
		File: transport + "base.go", Test: "TestOwnBaseKeepsWhatTheDefaultOffers",
		Old: "t.MaxIdleConnsPerHost = connsPerHost",
		New: "t.MaxIdleConnsPerHost = 2",
	},
}
