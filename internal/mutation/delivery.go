package mutation

const (
	delivery  = "harbor/delivery/"
	crashTest = "TestNoLockerIsLostOrTakenTwiceHoweverOftenTheProcessDies"
)

var deliveries = []Mutation{
	{
		Rule: "a reservation is intended before it is asked for",
		File: delivery + "conclude.go", Test: crashTest,
		Old: "\td.intend(OpReserve, now, cfg)\n",
		New: "",
	},
	{
		Rule: "a locker is claimed before it is asked for",
		File: delivery + "conclude.go", Test: crashTest,
		Old: "d.Locker, d.Claims = &l, true",
		New: "d.Locker, d.Claims = &l, false",
	},
	{
		Rule: "what was not heard is looked up",
		File: delivery + "start.go", Test: crashTest,
		Old: "\t\t\tdoubtful, lost, elsewhere = true, err, 0\n",
		New: "\t\t\treturn m.turnAway(ctx, d)\n",
	},
	{
		Rule: "a delivery keeps its locker while a request may be on its way",
		File: delivery + "conclude.go", Test: crashTest,
		Old: "\t\td.QuietAt = later(d.QuietAt, d.Pending.Until)\n",
		New: "",
	},
	{
		Rule: "that a request had no effect is not concluded too early",
		File: delivery + "conclude.go", Test: crashTest,
		Old: "if event.loses() && d.Pending != nil {",
		New: "if false {",
	},
	{
		Rule: "an old version is not stored",
		File: delivery + "memory.go", Test: "TestMemoryStoreKeepsThePromisesOfAStore",
		Old: "case old.Version != d.Version:",
		New: "case false:",
	},
	{
		Rule: "a copy that is handed out shares nothing",
		File: delivery + "delivery.go", Test: "TestMemoryStoreKeepsThePromisesOfAStore",
		Old: "\tc.History = slices.Clone(d.History)\n",
		New: "",
	},
	{
		Rule: "a parcel that comes late is found",
		File: delivery + "sight.go", Test: "TestParcelThatHarborHeardOfLateIsFound",
		Old: "\t{PhaseExpired, seenOccupied, dropAsked, EventStored, whyLate},\n",
		New: "",
	},
	{
		Rule: "a parcel in it keeps a locker from being given back",
		File: delivery + "reconcile.go", Test: "TestReconcileReportsLockersThatNoDeliveryKnows",
		Old: "m.cfg.releaseUnknown && l.Status != harbor.StatusOccupied",
		New: "m.cfg.releaseUnknown",
	},
	{
		Rule: "a list may be older than the delivery",
		File: delivery + "run.go", Test: "TestListThatIsOlderThanADeliverySaysNothingOfIt",
		Old: "if c.At.Sub(d.UpdatedAt) < m.cfg.callTimeout+m.cfg.quiet {",
		New: "if false {",
	},
	{
		Rule: "a nudge that meets another change is not lost",
		File: delivery + "reconcile.go", Test: "TestNudgeThatMeetsAnotherChangeIsNotLost",
		Old: "\t\t\t\tm.run.lookSoon(about(before)) // it changed while we looked\n",
		New: "",
	},
	{
		Rule: "a notice is kept until its hook took it",
		File: delivery + "outbox.go", Test: "TestHookThatFailsIsCalledAgainInOrder",
		Old: "if failure == nil {",
		New: "if true {",
	},
	{
		Rule: "a notice that another process has is left to it",
		File: delivery + "outbox.go", Test: "TestNoticeThatAnotherProcessHasIsLeftToIt",
		Old: "if n.HeldBy != m.id || !utcNow().Before(n.NotBefore) {",
		New: "if false {",
	},
	{
		Rule: "payloads are not stored",
		File: delivery + "doortoken.go", Test: "TestPayloadsAreStoredOnlyWhenAskedFor",
		Old: "if keep {",
		New: "if true {",
	},
}
