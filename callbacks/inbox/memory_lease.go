package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Claim implements Store.
func (m *Memory) Claim(ctx context.Context, feed string, n int, lease time.Duration) ([]Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q, now := m.due[feed], time.Now()
	var items []Item
	for q != nil && len(items) < n && q.Len() > 0 && !(*q)[0].due.After(now) {
		g := (*q)[0]
		row := g.waiting[0]
		g.fence++
		m.enqueue(g, now.Add(lease))
		row.Attempts++
		row.Late = row.Time.Before(g.newest)
		items = append(items, Item{
			Record: row.Record, Lease: Lease{row.ID, g.fence},
			Attempt: row.Attempts, Late: row.Late, Amended: row.Amended,
		})
	}
	return items, nil
}

// leased is the row of a lease that still holds, or nil.
func (m *Memory) leased(l Lease) *memRow {
	row := m.rows[l.ID]
	if row == nil || row.State != Waiting || row.group.fence != l.Fence {
		return nil
	}
	return row
}

// Renew implements Store.
func (m *Memory) Renew(ctx context.Context, lease time.Duration, leases ...Lease) ([]Lease, error) {
	return m.each(ctx, leases, func(row *memRow, now time.Time) {
		m.enqueue(row.group, now.Add(lease))
	})
}

// Done implements Store.
func (m *Memory) Done(ctx context.Context, leases ...Lease) ([]Lease, error) {
	return m.each(ctx, leases, func(row *memRow, now time.Time) {
		if row.Time.After(row.group.newest) {
			row.group.newest = row.Time
		}
		m.settle(row, Handled, now)
	})
}

func (m *Memory) each(ctx context.Context, leases []Lease, do func(*memRow, time.Time)) (lost []Lease, err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("settle: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for _, l := range leases {
		if row := m.leased(l); row != nil {
			do(row, now)
		} else {
			lost = append(lost, l)
		}
	}
	return lost, nil
}

// settle takes a row out of its group, and ends the group's lease.
func (m *Memory) settle(row *memRow, to State, now time.Time) {
	g := row.group
	row.State, row.SettledAt = to, now
	g.waiting = slices.DeleteFunc(g.waiting, func(r *memRow) bool { return r == row })
	g.fence++
	if len(g.waiting) == 0 || g.held {
		m.dequeue(g)
	} else {
		m.enqueue(g, now)
	}
}

// Retry implements Store.
func (m *Memory) Retry(ctx context.Context, l Lease, pause time.Duration, reason string) error {
	return m.one(ctx, l, func(row *memRow, now time.Time) {
		if reason == "" {
			row.Attempts--
		} else {
			row.LastError = reason
		}
		row.group.fence++
		m.enqueue(row.group, now.Add(pause))
	})
}

// Dead implements Store.
func (m *Memory) Dead(ctx context.Context, l Lease, reason string, hold bool) error {
	return m.one(ctx, l, func(row *memRow, now time.Time) {
		row.LastError = reason
		row.group.held = hold
		m.settle(row, Dead, now)
	})
}

func (m *Memory) one(ctx context.Context, l Lease, do func(*memRow, time.Time)) error {
	lost, err := m.each(ctx, []Lease{l}, do)
	if err == nil && len(lost) > 0 {
		return ErrLeaseLost
	}
	return err
}
