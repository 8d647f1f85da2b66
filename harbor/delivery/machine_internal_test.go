package delivery

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Whatever is concluded must be possible by the table of transitions.
func TestConclusions_EachIsATransition(t *testing.T) {
	t.Parallel()
	for _, c := range conclusions {
		_, err := c.phase.Next(c.event)
		assert.NoError(t, err, "%s, seen %b", c.phase, c.seen)
	}
}

// A row behind one that always holds is never read.
func TestConclusions_NoneHidesAnother(t *testing.T) {
	t.Parallel()
	closed := map[Phase]observation{}
	for _, c := range conclusions {
		assert.Zero(t, closed[c.phase]&c.seen, "%s, seen %s", c.phase, c.why)
		if c.when == nil {
			closed[c.phase] |= c.seen
		}
	}
}

func TestConclusions_NothingFollowsFromAnUnknownStatus(t *testing.T) {
	t.Parallel()
	for _, p := range phases {
		d := &record{Delivery: Delivery{Phase: p, Locker: &Locker{}, Claimed: true}}
		assert.Nil(t, d.conclusionFor(observedNothing))
		assert.Nil(t, d.conclusionFor(ours["polishing"]))
		assert.Nil(t, d.conclusionFor(others["polishing"]))
	}
}
