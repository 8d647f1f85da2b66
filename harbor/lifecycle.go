package harbor

import (
	"slices"
	"sync"
	"time"
)

// Lifecycle follows one locker through the statuses that were seen of it and says how
// each fits the one before. The zero value is ready for use. It is not safe for
// concurrent use: give it one owner.
type Lifecycle struct {
	// Limit bounds History; zero or less means 64. The oldest are dropped.
	Limit int

	last    Observation
	seenAt  time.Time
	history []Observation
}

// Observation is a status that was seen, and how it fits the one before.
type Observation struct {
	Kind ObservationKind
	From LockerStatus // the status before; empty for the first
	To   LockerStatus // the status seen
	At   time.Time    // when it was seen, as told
	// Path is a shortest explanation of the change by the table: one event when Kind
	// is ObservationLegal, more when steps were missed, empty when nothing explains it.
	// It must not be changed.
	Path []LockerEvent
}

// ObservationKind says how a status fits the one seen before.
type ObservationKind string

// The kinds of observation.
const (
	// ObservationFirst has nothing before it.
	ObservationFirst ObservationKind = "first"
	// ObservationRepeated is the status already known.
	ObservationRepeated ObservationKind = "repeated"
	// ObservationLegal is one step of the table.
	ObservationLegal ObservationKind = "legal"
	// ObservationSkipped is several steps of the table within one rental, as two polls
	// far apart see them.
	ObservationSkipped ObservationKind = "skipped"
	// ObservationImpossible cannot happen within one rental, such as occupied to rented:
	// staff set the status by hand, or the locker went to another provider and back in
	// between (Path says how), or one of the two statuses is unknown.
	ObservationImpossible ObservationKind = "impossible"
	// ObservationStale was seen before the last observation, as a late web hook is. It
	// changes nothing.
	ObservationStale ObservationKind = "stale"
)

const defaultHistory = 64

// Observe takes note of a status seen at a time and says how it fits. It never fails:
// Harbor is right about its lockers, whatever the table says. A zero time is taken as
// the time of the last observation.
func (l *Lifecycle) Observe(status LockerStatus, at time.Time) Observation {
	if at.IsZero() {
		at = l.seenAt
	}
	o := Observation{From: l.last.To, To: status, At: at}
	switch {
	case l.last.Kind == "":
		o.Kind = ObservationFirst
	case at.Before(l.seenAt):
		o.Kind = ObservationStale
		return o
	case status == l.last.To:
		o.Kind = ObservationRepeated
		l.seenAt = at
		return o
	default:
		o.Kind, o.Path = judge(o.From, o.To)
	}
	l.seenAt, l.last = at, o
	l.remember(o)
	return o
}

// judgement is how a change of status fits the table.
type judgement struct {
	kind ObservationKind
	path []LockerEvent
}

// judged holds a judgement for each two known statuses. The table is small and never
// changes, so it is walked once, when the first change is judged. No function stands in an
// initial value: a program that judges nothing is not linked with the walk.
var judged struct {
	once sync.Once
	all  map[[2]LockerStatus]judgement
}

func judgements() map[[2]LockerStatus]judgement {
	judged.once.Do(judgeAll)
	return judged.all
}

func judgeAll() {
	judged.all = map[[2]LockerStatus]judgement{}
	for _, from := range statuses {
		for _, to := range statuses {
			rows, _ := lifecycleTable.Path(from, to)
			j := judgement{ObservationSkipped, eventsOf(rows)}
			if len(rows) == 1 {
				j.kind = ObservationLegal
			}
			for i, r := range rows {
				if i > 0 && (r.From == LockerStatusAvailable || r.From == LockerStatusOutOfService) {
					j.kind = ObservationImpossible // the locker belongs to no provider in between
				}
			}
			judged.all[[2]LockerStatus{from, to}] = j
		}
	}
}

// judge says how a change of status fits the table; a change of an unknown status does not.
func judge(from, to LockerStatus) (ObservationKind, []LockerEvent) {
	j, ok := judgements()[[2]LockerStatus{from, to}]
	if !ok || len(j.path) == 0 {
		return ObservationImpossible, nil
	}
	return j.kind, slices.Clone(j.path)
}

func (l *Lifecycle) remember(o Observation) {
	limit := l.Limit
	if limit <= 0 {
		limit = defaultHistory
	}
	if over := len(l.history) + 1 - limit; over > 0 {
		l.history = slices.Delete(l.history, 0, over)
	}
	l.history = append(l.history, o)
}

// Status is the last status seen, empty before the first, and since when it has been
// seen without a break.
func (l *Lifecycle) Status() (LockerStatus, time.Time) { return l.last.To, l.last.At }

// History returns the changes seen, oldest first: no repetitions, nothing stale, and at
// most Limit.
func (l *Lifecycle) History() []Observation { return slices.Clone(l.history) }
