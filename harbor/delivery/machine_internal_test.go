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
		assert.NoError(t, err, "%s, seen %s", c.phase, c.seen)
	}
}

// A row behind one that always holds is never read.
func TestConclusions_NoneHidesAnother(t *testing.T) {
	t.Parallel()
	type key struct {
		phase Phase
		seen  observation
	}
	closed := map[key]bool{}
	for _, c := range conclusions {
		k := key{c.phase, c.seen}
		assert.False(t, closed[k], "%s, seen %s", c.phase, c.seen)
		closed[k] = c.when == always
	}
}

func TestConclusions_NothingFollowsFromAnUnknownStatus(t *testing.T) {
	t.Parallel()
	for _, p := range phases {
		d := &record{Delivery: Delivery{Phase: p, Locker: &Locker{}, Claimed: true}}
		assert.Nil(t, d.conclusionFor(observedNothing))
		assert.Nil(t, d.conclusionFor(observe("polishing", true, true)))
		assert.Nil(t, d.conclusionFor(observe("polishing", false, true)))
	}
}
