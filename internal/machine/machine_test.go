package machine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/internal/machine"
)

type (
	state string
	event string
	row   struct {
		from  state
		event event
		to    state
	}
)

func door() *machine.Table[row, state, event] {
	return &machine.Table[row, state, event]{
		Rows: []row{
			{"closed", "open", "ajar"},
			{"closed", "lock", "locked"},
			{"ajar", "close", "closed"},
			{"ajar", "push", "wide"},
			{"ajar", "kick", "wide"},
			{"locked", "unlock", "closed"},
			{"wide", "slam", "locked"},
		},
		Step: func(r *row) (state, event, state) { return r.from, r.event, r.to },
	}
}

func TestNext_FollowsTheRowsAndNothingElse(t *testing.T) {
	t.Parallel()
	d := door()
	to, ok := d.Next("closed", "lock")
	assert.True(t, ok)
	assert.Equal(t, state("locked"), to)
	to, ok = d.Next("locked", "open")
	assert.False(t, ok)
	assert.Equal(t, state("locked"), to, "a refused event changes nothing")
	_, ok = d.Next("unknown", "open")
	assert.False(t, ok)
}

func TestEvents_KeepTheOrderOfTheRows(t *testing.T) {
	t.Parallel()
	d := door()
	assert.Equal(t, []event{"close", "push", "kick"}, d.Events("ajar"))
	assert.Empty(t, d.Events("unknown"))
	assert.True(t, d.Has("slam"))
	assert.False(t, d.Has("burn"))
}

func TestPath_IsShortestAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	d := door()
	for range 20 {
		way, ok := d.Path("locked", "wide")
		require.True(t, ok)
		assert.Equal(t, []row{{"locked", "unlock", "closed"}, {"closed", "open", "ajar"}, {"ajar", "push", "wide"}}, way)
	}
	way, ok := d.Path("wide", "wide")
	assert.True(t, ok)
	assert.Empty(t, way)
	_, ok = d.Path("wide", "nowhere")
	assert.False(t, ok)
	_, ok = d.Path("nowhere", "wide")
	assert.False(t, ok)
}

func TestPath_WaysThatShareABeginningDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	d := door()
	wide, _ := d.Path("locked", "wide")
	ajar, _ := d.Path("locked", "ajar")
	_ = append(ajar, row{"x", "y", "z"})
	assert.Equal(t, event("push"), wide[2].event)
}

func TestDiagram_DrawsEveryRowOnceAndSharesArrows(t *testing.T) {
	t.Parallel()
	d := door()
	d.Rows = append(d.Rows, row{"", "build", "closed"})
	assert.Equal(t, `stateDiagram-v2
    [*] --> closed
    closed --> ajar: open
    closed --> locked: lock
    ajar --> closed: close
    ajar --> wide: push, kick
    locked --> closed: unlock
    wide --> locked: slam
    [*] --> closed: build
    locked --> [*]
`, d.Diagram("closed", "locked"))
	assert.NotContains(t, door().Diagram(""), "[*]")
}

func TestRefusal_NamesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `"push" does not belong to a door that is "closed"; allowed: open, lock`,
		machine.Refusal(event("push"), "a door", state("closed"), door().Events("closed")))
	assert.Equal(t, `"push" does not belong to a door that is "odd"; nothing is known of this state`,
		machine.Refusal[state, event]("push", "a door", "odd", nil))
}

func TestNext_DoesNotAllocate(t *testing.T) {
	d := door()
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = d.Next("wide", "slam") }))
}
