package wall

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"reflect"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// historyLimit bounds what is remembered of one door.
const historyLimit = 50

// lookTimeout bounds one look, so that a source that hangs is told of as one that fails.
const lookTimeout = 15 * time.Second

// Look asks the source at once and tells the live pages what changed. When it returns nil
// the page shows it. Between two looks nothing is seen: who wants every step in the
// history looks after each.
func (w *Wall) Look(ctx context.Context) error {
	w.looking.Lock()
	defer w.looking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	lockers, err := w.source.Lockers(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if !w.failed {
			w.failed = true
			w.publishSnapshot()
		}
		return fmt.Errorf("wall: look: %w", err)
	}
	w.take(lockers)
	return nil
}

// Reset forgets all that was seen, for a source that began anew.
func (w *Wall) Reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.seen)
	w.ready, w.towers, w.shape = false, nil, ""
}

// take compares what came with what was there. The caller holds w.mu.
func (w *Wall) take(lockers []Locker) {
	now := w.opts.Now()
	towers, shape := build(lockers)
	whole := shape != w.shape || w.failed || !w.ready
	w.now, w.towers, w.shape = now, towers, shape
	w.ready, w.failed = true, false
	there := make(map[harbor.LockerRef]bool, len(lockers))
	var changes []Change
	for _, t := range towers {
		for _, d := range t.Doors {
			there[d.Ref()] = true
			if c, changed := w.observe(d, t.Name); changed {
				changes = append(changes, c)
			}
		}
	}
	for ref := range w.seen {
		if !there[ref] {
			delete(w.seen, ref)
		}
	}
	if whole {
		w.publishSnapshot()
		return
	}
	for _, c := range changes {
		w.hub.publish("change", encode(c))
	}
}

// observe takes note of a door and says what changed.
func (w *Wall) observe(d Door, tower string) (Change, bool) {
	k := w.seen[d.Ref()]
	if k == nil {
		k = &seen{life: harbor.Lifecycle{Limit: historyLimit}}
		w.seen[d.Ref()] = k
	}
	same := reflect.DeepEqual(k.door, d)
	k.door = d
	o := k.life.Observe(d.Status, w.now)
	c := Change{Now: w.now, Door: d}
	switch o.Kind {
	case harbor.ObservationRepeated, harbor.ObservationStale:
		return c, !same
	case harbor.ObservationFirst:
	default:
		c.Kind, c.From, c.Path, c.Text = o.Kind, o.From, o.Path, changeWords(d, tower)
	}
	return c, true
}

func (w *Wall) publishSnapshot() { w.hub.publish("snapshot", encode(w.stateLocked())) }

func (w *Wall) stateLocked() State {
	s := State{Now: w.now, Stale: w.failed, Shape: w.shape, Towers: w.towers}
	if s.Towers == nil {
		s.Towers = []Tower{}
	}
	return s
}

// build makes the towers of a list of lockers, in its order.
func build(lockers []Locker) (towers []Tower, shape string) {
	index := map[harbor.TowerID]int{}
	for _, l := range lockers {
		id := l.Ref.Tower.Normalize()
		i, ok := index[id]
		if !ok {
			i = len(towers)
			index[id] = i
			towers = append(towers, Tower{ID: id, Name: cmp.Or(l.Tower, towerWords(id)), Place: l.Place})
		}
		towers[i].Doors = append(towers[i].Doors, door(id, l))
	}
	h := fnv.New64a()
	for _, t := range towers {
		arrange(t.Doors)
		fmt.Fprintf(h, "%s|%s|%s", t.ID, t.Name, t.Place)
		for _, d := range t.Doors {
			fmt.Fprintf(h, "|%d,%s,%s,%d,%t", d.Locker, d.Number, d.Size, d.Column, d.Low)
		}
	}
	return towers, fmt.Sprintf("%016x", h.Sum64())
}

func door(tower harbor.TowerID, l Locker) Door {
	d := Door{
		Tower: tower, Locker: l.Ref.Locker, Number: cmp.Or(l.Name, l.Ref.Locker.String()), Size: l.Size, Low: l.Low,
		Status: l.Status, Known: l.Status.Known(), Label: statusWords(l.Status), Owner: l.Owner,
		Since: instant(l.Since), Until: instant(l.Until), DoorOpen: l.DoorOpen, Full: l.Full, Unsynced: l.Unsynced,
	}
	d.Text = doorWords(d)
	return d
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
