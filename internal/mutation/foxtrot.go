package mutation

const foxtrotDir = "foxtrot/"

var foxtrot = []Mutation{
	{
		Rule: "GetMany is bounded",
		File: foxtrotDir + "many.go", Test: "TestNineHundredCustomersWhereTenAtOnceIsTooMany",
		Old: "min(s.c.settings.concurrency, len(ids))",
		New: "len(ids)",
	},
	{
		Rule: "breaking off ends the calls in flight",
		File: foxtrotDir + "many.go", Test: "TestBreakingOffLeavesNothingRunning",
		Old: "\t\tdefer cancel(errLoopOver)\n",
		New: "\t\t_ = cancel\n",
	},
	{
		Rule: "a failure is never a customer",
		File: foxtrotDir + "many.go", Test: "TestOneFailureHarmsNoOther",
		Old: "out.Customer = Customer{}",
		New: "out.Customer = Customer{ID: id}",
	},
	{
		Rule: "error with HTTP 200 is an error",
		File: foxtrotDir + "envelope.go", Test: "TestEveryOpenQuestionIsBorneEitherWay",
		Old: `word == "pending" || word == "error"`,
		New: `word == "pending"`,
	},
	{
		Rule: "pending is no success",
		File: foxtrotDir + "envelope.go", Test: "TestEveryOpenQuestionIsBorneEitherWay",
		Old: `word == "pending" || word == "error"`,
		New: `word == "error"`,
	},
	{
		Rule: "both keys of a waypoint are read",
		File: foxtrotDir + "waypoint.go", Test: "TestBothEnvelopesAndBothKeysGiveTheSameWaypoints",
		Old: "in.ID = in.WaypointID",
		New: "in.ID.Set = true",
	},
	{
		Rule: "all bad arguments are named at once",
		File: foxtrotDir + "call.go", Test: "TestBadArgumentsAreRefusedAllAtOnceBeforeSending",
		Old: "checkArgs(op.Name, args)",
		New: "checkArgs(op.Name, nil)",
	},
	{
		Rule: "a web hook that may exist is not created again",
		File: foxtrotDir + "operation.go", Test: "TestCreateThatMayHaveArrivedIsSentOnce",
		Old: `"/webhooks", false, SourceVendor`,
		New: `"/webhooks", true, SourceVendor`,
	},
	{
		Rule: "a secret is not printed",
		File: foxtrotDir + "secret.go", Test: "TestNoSecretIsEverPrinted",
		Old: "\treturn redacted\n",
		New: "\treturn s.Reveal()\n",
	},
	{
		Rule: "the key is out of reach of reflection",
		File: foxtrotDir + "client.go", Test: "TestKeyIsOutOfReachOfReflection",
		Old: "shared{auth: newStaticKey(apiKey)}",
		New: "shared{auth: newStaticKey(apiKey)}; s.config.UserAgent += apiKey",
	},
	{
		Rule: "an error repeats nothing of the answer",
		File: foxtrotDir + "error.go", Test: "TestErrorCarriesWhatIsKnownAndPrintsNoneOfIt",
		Old: "\tif e.Attempts > 1 {\n",
		New: "\tb.WriteString(e.Detail)\n\tif e.Attempts > 1 {\n",
	},
	{
		Rule: "only 7001 leads to a worse location",
		File: foxtrotDir + "customers.go", Test: "TestFailureIsNoReasonForAWorseLocation",
		Old: "if !errors.Is(err, ErrLocationNotConfident) {",
		New: "if errors.Is(err, ErrPending) && false {",
	},
	{
		Rule: "an empty object is no customer",
		File: foxtrotDir + "customer.go", Test: "TestUnreadableAnswersAreTyped",
		Old: `if c.ID == "" {`,
		New: "if false {",
	},
	{
		Rule: "null coordinates are no place",
		File: foxtrotDir + "location.go", Test: "TestDriverWhoNeverReportedHasNoLocation",
		Old: "if in.Latitude.Set && in.Longitude.Set {",
		New: "if true {",
	},
	{
		Rule: "two events within a millisecond are two",
		File: foxtrotDir + "event.go", Test: "TestResendHasTheSameKeyAndAnotherChangeHasNot",
		Old: "string(e.CustomerID), canonical(e.Raw),",
		New: "string(e.CustomerID),",
	},
	{
		Rule: "zero never stands for null",
		File: "internal/wire/time.go", Test: "TestZeroMillisecondsAreAMomentAndNullIsNone",
		Old: "\tif !t.Set {\n\t\treturn nil\n",
		New: "\tif false {\n\t\treturn nil\n",
	},
}
