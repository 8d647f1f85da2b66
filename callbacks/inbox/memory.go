package inbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// Memory is a Store that keeps everything in the process and loses it with the process.
// It is for tests and trials: an acknowledged callback is not safe in it, and each method
// reads all stored callbacks.
type Memory struct {
	mu     sync.Mutex
	lastID int64
	rows   []*Entry // in the order of arrival
	groups map[groupKey]*memoryGroup
}

type memoryGroup struct {
	newest time.Time // the newest change handled
	due    time.Time // the end of its pause or lease
	fence  int64
	held   bool
}

// NewMemory makes an empty store.
func NewMemory() *Memory { return &Memory{groups: make(map[groupKey]*memoryGroup)} }

// Put implements Store.
func (m *Memory) Put(ctx context.Context, records []callbacks.Record) ([]callbacks.Outcome, error) {
	if err := errors.Join(ctx.Err(), checkRecords(records)); err != nil {
		return nil, fmt.Errorf("put: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	outcomes := make([]callbacks.Outcome, len(records))
	for i, r := range records {
		key, slot := m.known(r)
		if key {
			outcomes[i] = callbacks.OutcomeDuplicate
			continue
		}
		m.lastID++
		r.Raw = bytes.Clone(r.Raw)
		e := &Entry{Record: r, ID: m.lastID}
		outcomes[i] = m.admit(e, slot)
		m.rows = append(m.rows, e)
	}
	return outcomes, nil
}

// known reports whether the record's key and its slot are stored.
func (m *Memory) known(r callbacks.Record) (key, slot bool) {
	for _, e := range m.rows {
		if e.Feed == r.Feed {
			key = key || e.Key == r.Key
			slot = slot || e.Slot == r.Slot && !r.Slot.IsZero()
		}
	}
	return key, slot
}

// admit gives a new or newly decoded entry its state.
func (m *Memory) admit(e *Entry, slotKnown bool) callbacks.Outcome {
	if e.Record.Quarantined() {
		e.State, e.SettledAt = StateQuarantined, time.Now()
	} else {
		e.Amended = slotKnown
		m.wait(e)
	}
	return outcome(e.Record, true, e.Amended)
}

// wait makes an entry wait to be claimed, with no tries counted.
func (m *Memory) wait(e *Entry) {
	e.State, e.SettledAt, e.Attempts = StateWaiting, time.Time{}, 0
	if m.group(e) == nil {
		m.groups[groupKey{e.Feed, e.Group}] = &memoryGroup{due: time.Now()}
	}
}

func (m *Memory) group(e *Entry) *memoryGroup { return m.groups[groupKey{e.Feed, e.Group}] }

// Claim implements Store.
func (m *Memory) Claim(_ context.Context, feed string, n int, lease time.Duration) (items []Item, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	heads := make(map[*memoryGroup]*Entry)
	for _, e := range m.rows {
		if e.Feed != feed || e.State != StateWaiting {
			continue
		}
		g := m.group(e)
		if head := heads[g]; !g.held && !g.due.After(now) && (head == nil || e.Time.Before(head.Time)) {
			heads[g] = e
		}
	}
	ready := slices.SortedFunc(maps.Keys(heads), func(a, b *memoryGroup) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(heads[a].ID, heads[b].ID))
	})
	for _, g := range ready[:max(0, min(n, len(ready)))] {
		e := heads[g]
		g.fence++
		g.due = now.Add(lease)
		e.Attempts++
		e.Late = e.Time.Before(g.newest)
		items = append(items, Item{
			Record: e.Record, Lease: Lease{e.ID, g.fence}, Attempt: e.Attempts, Late: e.Late, Amended: e.Amended,
		})
	}
	return items, nil
}

// Renew implements Store.
func (m *Memory) Renew(_ context.Context, lease time.Duration, leases ...Lease) ([]Lease, error) {
	return m.eachLeased(leases, func(_ *Entry, g *memoryGroup) { g.due = time.Now().Add(lease) }), nil
}

// Done implements Store.
func (m *Memory) Done(_ context.Context, leases ...Lease) ([]Lease, error) {
	return m.eachLeased(leases, func(e *Entry, g *memoryGroup) {
		if e.Time.After(g.newest) {
			g.newest = e.Time
		}
		e.State, e.SettledAt = StateHandled, time.Now()
		g.endLease(0)
	}), nil
}

// Retry implements Store.
func (m *Memory) Retry(_ context.Context, l Lease, pause time.Duration, reason string) error {
	return m.oneLeased(l, func(e *Entry, g *memoryGroup) {
		if reason == "" {
			e.Attempts--
		} else {
			e.LastError = reason
		}
		g.endLease(pause)
	})
}

// Dead implements Store.
func (m *Memory) Dead(_ context.Context, l Lease, reason string, hold bool) error {
	return m.oneLeased(l, func(e *Entry, g *memoryGroup) {
		e.State, e.SettledAt, e.LastError = StateDead, time.Now(), reason
		g.held = hold
		g.endLease(0)
	})
}

// endLease lets the group be claimed after the pause.
func (g *memoryGroup) endLease(pause time.Duration) {
	g.fence++
	g.due = time.Now().Add(pause)
}

// eachLeased calls do for each lease that still holds and returns the lost ones.
func (m *Memory) eachLeased(leases []Lease, do func(*Entry, *memoryGroup)) (lost []Lease) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range leases {
		e := m.find(l.ID)
		if e == nil || e.State != StateWaiting || m.group(e).fence != l.Fence {
			lost = append(lost, l)
			continue
		}
		do(e, m.group(e))
	}
	return lost
}

func (m *Memory) oneLeased(l Lease, do func(*Entry, *memoryGroup)) error {
	if len(m.eachLeased([]Lease{l}, do)) > 0 {
		return ErrLeaseLost
	}
	return nil
}

// find returns the entry of an ID, or nil.
func (m *Memory) find(id int64) *Entry {
	i, found := slices.BinarySearchFunc(m.rows, id, func(e *Entry, id int64) int { return cmp.Compare(e.ID, id) })
	if !found {
		return nil
	}
	return m.rows[i]
}

// List implements Store.
func (m *Memory) List(_ context.Context, f Filter) (out []Entry, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := cmp.Or(f.Limit, DefaultListLimit)
	for _, e := range m.rows {
		if len(out) == limit {
			break
		}
		if e.ID > f.After && (f.Feed == "" || f.Feed == e.Feed) && (f.Group == "" || f.Group == e.Group) &&
			(len(f.States) == 0 || slices.Contains(f.States, e.State)) {
			out = append(out, *e)
			out[len(out)-1].Raw = bytes.Clone(e.Raw)
		}
	}
	return out, nil
}

// Requeue implements Store.
func (m *Memory) Requeue(_ context.Context, id int64, decoded *callbacks.Record) (callbacks.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.find(id)
	switch {
	case e == nil:
		return 0, ErrNotFound
	case e.State == StateQuarantined:
		return m.requeueDecoded(e, decoded), nil
	case e.Record.Quarantined():
		return callbacks.OutcomeDuplicate, nil // read by an earlier Requeue
	case e.State == StateDead:
		m.group(e).held = false
	}
	if e.State != StateWaiting {
		m.wait(e)
	}
	return callbacks.OutcomeStored, nil
}

func (m *Memory) requeueDecoded(e *Entry, decoded *callbacks.Record) callbacks.Outcome {
	if decoded == nil || decoded.Quarantined() {
		return callbacks.OutcomeQuarantined
	}
	r := *decoded
	r.Feed = e.Feed
	key, slot := m.known(r)
	if key {
		e.State, e.SettledAt = StateHandled, time.Now()
		return callbacks.OutcomeDuplicate
	}
	e.Key, e.Slot, e.Group, e.Time, e.Problem = r.Key, r.Slot, r.Group, r.Time, ""
	return m.admit(e, slot)
}

// Resume implements Store.
func (m *Memory) Resume(_ context.Context, feed, group string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if g := m.groups[groupKey{feed, group}]; g != nil {
		g.held = false
	}
	return nil
}

// Prune implements Store. It also drops groups without an entry.
func (m *Memory) Prune(_ context.Context, age time.Duration, limit int, states ...State) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := time.Now().Add(-age)
	m.rows = slices.DeleteFunc(m.rows, func(e *Entry) bool {
		old := e.State != StateWaiting && slices.Contains(states, e.State) &&
			e.SettledAt.Before(before) && e.ReceivedAt.Before(before)
		if !old || n >= limit {
			return false
		}
		n++
		return true
	})
	used := make(map[*memoryGroup]bool, len(m.groups))
	for _, e := range m.rows {
		used[m.group(e)] = true
	}
	maps.DeleteFunc(m.groups, func(_ groupKey, g *memoryGroup) bool { return !used[g] })
	return n, nil
}

// Stats implements Store.
func (m *Memory) Stats(_ context.Context, feed string) (s Stats, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.rows {
		if feed != "" && e.Feed != feed {
			continue
		}
		switch e.State {
		case StateWaiting:
			s.Depth++
			s.OldestAge = max(s.OldestAge, time.Since(e.ReceivedAt))
		case StateDead:
			s.Dead++
		case StateQuarantined:
			s.Quarantined++
		case StateHandled:
		}
	}
	for key, g := range m.groups {
		if g.held && (feed == "" || key.feed == feed) {
			s.Held++
		}
	}
	return s, nil
}
