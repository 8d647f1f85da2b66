package harbor

import (
	"slices"
	"sync"
)

// PathTo returns a shortest sequence of events that leads a locker from s to another
// status: it explains a jump seen between two polls. Where several are equally short,
// the first by the order of Transitions is taken, always the same. It is empty when
// nothing has to happen, and false when no sequence leads there, which is so for a status
// that is not Known.
func (s LockerStatus) PathTo(to LockerStatus) ([]LockerEvent, bool) {
	if s == to {
		return nil, true
	}
	path := pathBetween(s, to)
	return slices.Clone(path), path != nil
}

// pathBetween is PathTo without the copy; the result must not be changed.
func pathBetween(from, to LockerStatus) []LockerEvent {
	i, j := from.index(), to.index()
	if i < 0 || j < 0 {
		return nil
	}
	return paths()[i][j].events
}

// statusPath is one entry of paths. It crosses a rental when it leads through a status
// in which the locker is nobody's.
type statusPath struct {
	events  []LockerEvent
	crosses bool
}

// paths returns a shortest path for each pair of statuses. The table is small and never
// changes, so it is walked once, and by nobody who does not ask: a variable initialised at
// start would be in every program.
func paths() *pathTable {
	walkOnce.Do(walk)
	return &walked
}

type pathTable [len(statuses)][len(statuses)]statusPath

var (
	walkOnce sync.Once
	walked   pathTable
)

func walk() {
	all := &walked
	for i, from := range statuses {
		queue := []LockerStatus{from}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			reached := all[i][at.index()]
			for _, t := range transitions {
				j := t.To.index()
				if t.From != at || j == i || all[i][j].events != nil {
					continue
				}
				all[i][j] = statusPath{
					events:  append(slices.Clip(reached.events), t.Event),
					crosses: reached.crosses || (at != from && (at == LockerStatusAvailable || at == LockerStatusOutOfService)),
				}
				queue = append(queue, t.To)
			}
		}
	}
}
