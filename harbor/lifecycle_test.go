package harbor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func TestLifecycle_JudgesEachStep(t *testing.T) {
	t.Parallel()
	var l harbor.Lifecycle
	steps := []struct {
		status harbor.LockerStatus
		kind   harbor.ObservationKind
		events int
	}{
		{harbor.LockerStatusAvailable, harbor.ObservationFirst, 0},
		{harbor.LockerStatusAvailable, harbor.ObservationRepeated, 0},
		{harbor.LockerStatusReserved, harbor.ObservationLegal, 1},
		{harbor.LockerStatusOccupied, harbor.ObservationSkipped, 2},
		{harbor.LockerStatusAvailable, harbor.ObservationLegal, 1},
		{harbor.LockerStatusReleased, harbor.ObservationSkipped, 2},
		{harbor.LockerStatusReserved, harbor.ObservationImpossible, 2},
		{"haunted", harbor.ObservationImpossible, 0},
		{harbor.LockerStatusOccupied, harbor.ObservationImpossible, 0},
		{harbor.LockerStatusRented, harbor.ObservationImpossible, 2},
		{harbor.LockerStatusOutOfService, harbor.ObservationLegal, 1},
		{harbor.LockerStatusRented, harbor.ObservationImpossible, 2},
	}
	from := harbor.LockerStatus("")
	for i, step := range steps {
		o := l.Observe(step.status, noon.Add(time.Duration(i)*time.Second))
		assert.Equal(t, step.kind, o.Kind, "step %d to %s", i, step.status)
		assert.Len(t, o.Path, step.events, "step %d to %s", i, step.status)
		assert.Equal(t, from, o.From)
		assert.Equal(t, step.status, o.To)
		from = step.status
	}
	require.Len(t, l.History(), len(steps)-1, "a repetition is no history")
}

func TestLifecycle_EachTransitionIsLegal(t *testing.T) {
	t.Parallel()
	for _, row := range harbor.Transitions() {
		var l harbor.Lifecycle
		l.Observe(row.From, noon)
		o := l.Observe(row.To, noon.Add(time.Second))
		if row.From == row.To {
			assert.Equal(t, harbor.ObservationRepeated, o.Kind, "%v", row)
			continue
		}
		assert.Equal(t, harbor.ObservationLegal, o.Kind, "%v", row)
	}
}

func TestLifecycle_StaleObservationChangesNothing(t *testing.T) {
	t.Parallel()
	var l harbor.Lifecycle
	l.Observe(harbor.LockerStatusRented, noon)
	l.Observe(harbor.LockerStatusRented, noon.Add(time.Minute))
	o := l.Observe(harbor.LockerStatusReserved, noon.Add(time.Second))
	assert.Equal(t, harbor.ObservationStale, o.Kind)
	status, since := l.Status()
	assert.Equal(t, harbor.LockerStatusRented, status)
	assert.Equal(t, noon, since)
	assert.Len(t, l.History(), 1)
	assert.Equal(t, harbor.ObservationLegal, l.Observe(harbor.LockerStatusOccupied, time.Time{}).Kind)
	_, since = l.Status()
	assert.Equal(t, noon.Add(time.Minute), since, "no time is the time of the last news")
}

func TestLifecycle_HistoryIsBounded(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 1, 5} {
		l := harbor.Lifecycle{Limit: limit}
		for i := range 200 {
			l.Observe(harbor.LockerStatuses()[i%2], noon.Add(time.Duration(i)))
		}
		h := l.History()
		want := limit
		if want == 0 {
			want = 64
		}
		require.Len(t, h, want)
		assert.Equal(t, noon.Add(199), h[len(h)-1].At, "the newest stays")
	}
}

func TestLifecycle_RepeatedObservationDoesNotAllocate(t *testing.T) {
	var l harbor.Lifecycle
	l.Observe(harbor.LockerStatusReserved, noon)
	got := testing.AllocsPerRun(100, func() { l.Observe(harbor.LockerStatusReserved, noon) })
	assert.Zero(t, got)
}
