package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor/delivery"
)

func TestTransitions_NoEventLeadsToTwoPhases(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range delivery.Transitions() {
		key := fmt.Sprint(row.From, row.Event)
		assert.False(t, seen[key], key)
		seen[key] = true
		assert.True(t, row.From.Known() && row.To.Known(), key)
		to, err := row.From.Next(row.Event)
		require.NoError(t, err)
		assert.Equal(t, row.To, to)
	}
}

func TestTransitions_EveryPhaseIsReachedAndLeadsToAnEnd(t *testing.T) {
	t.Parallel()
	reach := func(from delivery.Phase) map[delivery.Phase]bool {
		seen := map[delivery.Phase]bool{from: true}
		for range delivery.Phases() {
			for _, row := range delivery.Transitions() {
				if seen[row.From] {
					seen[row.To] = true
				}
			}
		}
		return seen
	}
	from := reach(delivery.PhaseSearching)
	for _, p := range delivery.Phases() {
		assert.True(t, from[p], p)
		to := reach(p)
		assert.True(t, to[delivery.PhaseCollected], p)
	}
}

func TestNext_ForeignEventNamesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	_, err := delivery.PhaseCollected.Next(delivery.EventStored)
	require.Error(t, err)
	_, err = delivery.PhaseSearching.Next(delivery.EventCollected)
	assert.EqualError(t, err, `delivery: "collected" does not belong to a delivery that is "searching"; `+
		`allowed: chosen, refused, reserved, give_up, cancelled, expired, doubted`)
}

func TestDiagram_ShowsEveryTransition(t *testing.T) {
	t.Parallel()
	text := delivery.Diagram()
	for _, row := range delivery.Transitions() {
		arrow := fmt.Sprintf("    %s --> %s: ", row.From, row.To)
		_, rest, found := strings.Cut(text, arrow)
		require.True(t, found, arrow)
		labels, _, _ := strings.Cut(rest, "\n")
		assert.Contains(t, strings.Split(labels, ", "), string(row.Event))
	}
}
