package harbor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestTransitions_AreSound(t *testing.T) {
	t.Parallel()
	type key struct {
		from  harbor.LockerStatus
		event harbor.LockerEvent
	}
	seen := map[key]bool{}
	from, to := map[harbor.LockerStatus]bool{}, map[harbor.LockerStatus]bool{}
	for _, row := range harbor.Transitions() {
		assert.True(t, row.From.Known() && row.To.Known() && row.Event.Known(), "%v", row)
		assert.NotEmpty(t, row.Evidence, "%v", row)
		assert.False(t, seen[key{row.From, row.Event}], "one event, two ends: %v", row)
		seen[key{row.From, row.Event}] = true
		from[row.From], to[row.To] = true, true
	}
	for _, s := range harbor.LockerStatuses() {
		assert.True(t, from[s], "%s is left by no event", s)
		assert.True(t, to[s], "%s is reached by no event", s)
	}
}

func TestTransitions_AreCopied(t *testing.T) {
	t.Parallel()
	harbor.Transitions()[0].To = "nowhere"
	assert.NotEqual(t, harbor.LockerStatus("nowhere"), harbor.Transitions()[0].To)
}

func TestNext_FollowsTheTable(t *testing.T) {
	t.Parallel()
	rows := harbor.Transitions()
	events := map[harbor.LockerEvent]bool{}
	for _, row := range rows {
		events[row.Event] = true
	}
	for _, from := range harbor.LockerStatuses() {
		allowed := from.Events()
		for event := range events {
			var want harbor.LockerStatus
			for _, row := range rows {
				if row.From == from && row.Event == event {
					want = row.To
				}
			}
			got, err := from.Next(event)
			if want != "" {
				require.NoError(t, err)
				assert.Equal(t, want, got)
				assert.Contains(t, allowed, event)
				continue
			}
			var refused *harbor.TransitionError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, from, got, "a refused event changes nothing")
			assert.Equal(t, allowed, refused.Allowed)
			assert.NotContains(t, allowed, event)
		}
	}
}

func TestNext_RefusedEventSaysWhatIsAllowed(t *testing.T) {
	t.Parallel()
	_, err := harbor.LockerStatusReleased.Next(harbor.LockerEventReserve)
	require.EqualError(t, err, `harbor: "reserve" does not belong to a locker that is "released"; `+
		`allowed: tower_synced, dropoff_token_used, take_out_of_service`)
	_, err = harbor.LockerStatus("odd").Next(harbor.LockerEventReserve)
	require.EqualError(t, err, `harbor: "reserve" does not belong to a locker that is "odd"; nothing is known of this state`)
}

// distances is an independent search over the table, from the end backwards.
func distances(to harbor.LockerStatus) map[harbor.LockerStatus]int {
	dist := map[harbor.LockerStatus]int{to: 0}
	for range harbor.LockerStatuses() {
		for _, row := range harbor.Transitions() {
			if d, ok := dist[row.To]; ok {
				if old, ok := dist[row.From]; !ok || d+1 < old {
					dist[row.From] = d + 1
				}
			}
		}
	}
	return dist
}

func TestPathTo_IsShortestAndLeadsThere(t *testing.T) {
	t.Parallel()
	for _, to := range harbor.LockerStatuses() {
		dist := distances(to)
		for _, from := range harbor.LockerStatuses() {
			path, ok := from.PathTo(to)
			require.True(t, ok, "%s to %s", from, to)
			require.Len(t, path, dist[from], "%s to %s", from, to)
			at := from
			for _, event := range path {
				var err error
				at, err = at.Next(event)
				require.NoError(t, err)
			}
			assert.Equal(t, to, at)
			again, _ := from.PathTo(to)
			assert.Equal(t, path, again)
		}
	}
}

func TestPathTo_UnknownStatusHasNone(t *testing.T) {
	t.Parallel()
	odd := harbor.LockerStatus("odd")
	_, ok := odd.PathTo(harbor.LockerStatusAvailable)
	assert.False(t, ok)
	_, ok = harbor.LockerStatusAvailable.PathTo(odd)
	assert.False(t, ok)
	path, ok := odd.PathTo(odd)
	assert.True(t, ok)
	assert.Empty(t, path)
}

func TestPathTo_IsCopied(t *testing.T) {
	t.Parallel()
	path, _ := harbor.LockerStatusAvailable.PathTo(harbor.LockerStatusOccupied)
	want := []harbor.LockerEvent{harbor.LockerEventCreateDropoffToken, harbor.LockerEventDropoffTokenUsed}
	require.Equal(t, want, path)
	path[0] = "changed"
	again, _ := harbor.LockerStatusAvailable.PathTo(harbor.LockerStatusOccupied)
	assert.Equal(t, want, again)
}

func TestNext_DoesNotAllocate(t *testing.T) {
	got := testing.AllocsPerRun(100, func() { _, _ = harbor.LockerStatusOutOfService.Next(harbor.LockerEventReturnToService) })
	assert.Zero(t, got)
}
