package inbox

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// List implements Store.
func (m *Memory) List(ctx context.Context, f Filter) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := cmp.Or(f.Limit, DefaultListLimit)
	var out []Entry
	for _, id := range slices.Sorted(maps.Keys(m.rows)) {
		row := m.rows[id]
		if id <= f.After || !f.matches(row.Entry) {
			continue
		}
		if len(out) == limit {
			break
		}
		e := row.Entry
		e.Raw = bytes.Clone(e.Raw)
		out = append(out, e)
	}
	return out, nil
}

func (f Filter) matches(e Entry) bool {
	return (f.Feed == "" || f.Feed == e.Feed) &&
		(f.Group == "" || f.Group == e.Group) &&
		(len(f.States) == 0 || slices.Contains(f.States, e.State))
}

// Requeue implements Store.
func (m *Memory) Requeue(ctx context.Context, id int64, decoded *callbacks.Record) (callbacks.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("requeue: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	row, now := m.rows[id], time.Now()
	switch {
	case row == nil:
		return 0, ErrNotFound
	case row.State == Waiting:
		return callbacks.OutcomeStored, nil
	case row.State == Quarantined:
		if decoded == nil || decoded.Quarantined() {
			return callbacks.OutcomeQuarantined, nil
		}
		if m.keys[memKey{row.Feed, decoded.Key}] != nil {
			row.State, row.SettledAt = Handled, now
			return callbacks.OutcomeDuplicate, nil
		}
		delete(m.keys, memKey{row.Feed, row.Key})
		row.Key, row.Slot, row.Group, row.Time, row.Problem = decoded.Key, decoded.Slot, decoded.Group, decoded.Time, ""
		return m.admit(row, now), nil
	}
	if row.group == nil {
		return callbacks.OutcomeDuplicate, nil // handled as a duplicate when it was read again
	}
	if row.State == Dead {
		row.group.held = false
	}
	m.wait(row, now)
	return callbacks.OutcomeStored, nil
}

// Resume implements Store.
func (m *Memory) Resume(ctx context.Context, feed, group string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if g := m.groups[memGroupKey{feed, group}]; g != nil && g.held {
		g.held = false
		if len(g.waiting) > 0 {
			m.enqueue(g, time.Now())
		}
	}
	return nil
}

// Prune implements Store.
func (m *Memory) Prune(ctx context.Context, age time.Duration, limit int, states ...State) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("prune: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before, n := time.Now().Add(-age), 0
	for id, row := range m.rows {
		if n == limit {
			break
		}
		if row.State == Waiting || !slices.Contains(states, row.State) ||
			!row.SettledAt.Before(before) || !row.ReceivedAt.Before(before) {
			continue
		}
		delete(m.rows, id)
		delete(m.keys, memKey{row.Feed, row.Key})
		if slot := (memKey{row.Feed, row.Slot}); m.slots[slot] > 0 {
			m.slots[slot]--
		}
		n++
	}
	m.forgetGroups()
	return n, nil
}

// forgetGroups drops the groups no row belongs to any more.
func (m *Memory) forgetGroups() {
	used := make(map[*memGroup]bool, len(m.groups))
	for _, row := range m.rows {
		used[row.group] = true
	}
	maps.DeleteFunc(m.groups, func(_ memGroupKey, g *memGroup) bool { return !used[g] })
}

// Stats implements Store.
func (m *Memory) Stats(ctx context.Context, feed string) (Stats, error) {
	if err := ctx.Err(); err != nil {
		return Stats{}, fmt.Errorf("stats: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var s Stats
	var oldest time.Time
	for _, row := range m.rows {
		if feed != "" && row.Feed != feed {
			continue
		}
		switch row.State {
		case Waiting:
			s.Depth++
			if oldest.IsZero() || row.ReceivedAt.Before(oldest) {
				oldest = row.ReceivedAt
			}
		case Dead:
			s.Dead++
		case Quarantined:
			s.Quarantined++
		}
	}
	if s.Depth > 0 {
		s.OldestAge = time.Since(oldest)
	}
	for _, g := range m.groups {
		if g.held && (feed == "" || g.feed == feed) {
			s.Held++
		}
	}
	return s, nil
}
