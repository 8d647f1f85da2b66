package inbox

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// Memory is a Store that keeps everything in the process and loses it with the process.
// It is for tests and for trying things out: an acknowledged callback is not safe in it.
type Memory struct {
	mu     sync.Mutex
	lastID int64
	rows   map[int64]*memRow
	keys   map[memKey]*memRow
	slots  map[memKey]int // rows that have the slot
	groups map[memGroupKey]*memGroup
	due    map[string]*memQueue // by feed
}

type memKey struct {
	feed string
	key  callbacks.Key
}

type memGroupKey struct{ feed, name string }

type memRow struct {
	Entry
	group *memGroup // nil while quarantined
}

// memGroup is one order. It stands in the queue of its feed while something waits in it
// and it is not held; due is then when it may be claimed, which is also the lease.
type memGroup struct {
	memGroupKey
	waiting []*memRow // by change time, then arrival
	newest  time.Time // the newest change handled
	due     time.Time
	fence   int64
	index   int // in the queue; -1 outside
	held    bool
}

// NewMemory makes an empty store.
func NewMemory() *Memory {
	return &Memory{
		rows:   make(map[int64]*memRow),
		keys:   make(map[memKey]*memRow),
		slots:  make(map[memKey]int),
		groups: make(map[memGroupKey]*memGroup),
		due:    make(map[string]*memQueue),
	}
}

// Put implements Store.
func (m *Memory) Put(ctx context.Context, records []callbacks.Record) ([]callbacks.Outcome, error) {
	if err := errors.Join(ctx.Err(), checkRecords(records)); err != nil {
		return nil, fmt.Errorf("put: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	outcomes := make([]callbacks.Outcome, len(records))
	for i, r := range records {
		if m.keys[memKey{r.Feed, r.Key}] != nil {
			outcomes[i] = callbacks.OutcomeDuplicate
			continue
		}
		m.lastID++
		r.Raw = bytes.Clone(r.Raw)
		row := &memRow{Entry: Entry{Record: r, ID: m.lastID}}
		m.rows[row.ID] = row
		outcomes[i] = m.admit(row, time.Now())
	}
	return outcomes, nil
}

// admit gives a new or newly decoded row its place among the others.
func (m *Memory) admit(row *memRow, now time.Time) callbacks.Outcome {
	m.keys[memKey{row.Feed, row.Key}] = row
	if row.Record.Quarantined() {
		row.State = Quarantined
		row.SettledAt = now
		return callbacks.OutcomeQuarantined
	}
	if !row.Slot.IsZero() {
		slot := memKey{row.Feed, row.Slot}
		row.Amended = m.slots[slot] > 0
		m.slots[slot]++
	}
	m.wait(row, now)
	if row.Amended {
		return callbacks.OutcomeAmended
	}
	return callbacks.OutcomeStored
}

// wait puts a row into its group and wakes the group unless it is leased, pausing or held.
func (m *Memory) wait(row *memRow, now time.Time) {
	key := memGroupKey{row.Feed, row.Group}
	g := m.groups[key]
	if g == nil {
		g = &memGroup{memGroupKey: key, index: -1}
		m.groups[key] = g
	}
	row.group, row.State, row.SettledAt, row.Attempts = g, Waiting, time.Time{}, 0
	at, _ := slices.BinarySearchFunc(g.waiting, row, compareRows)
	g.waiting = slices.Insert(g.waiting, at, row)
	if g.index < 0 && !g.held {
		m.enqueue(g, now)
	}
}

func compareRows(a, b *memRow) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	return int(a.ID - b.ID)
}

func (m *Memory) enqueue(g *memGroup, due time.Time) {
	g.due = due
	q := m.due[g.feed]
	if q == nil {
		q = new(memQueue)
		m.due[g.feed] = q
	}
	if g.index < 0 {
		heap.Push(q, g)
	} else {
		heap.Fix(q, g.index)
	}
}

func (m *Memory) dequeue(g *memGroup) {
	if g.index >= 0 {
		heap.Remove(m.due[g.feed], g.index)
	}
}

// memQueue is a heap of groups by due.
type memQueue []*memGroup

func (q memQueue) Len() int           { return len(q) }
func (q memQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q memQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *memQueue) Push(x any) {
	g := x.(*memGroup)
	g.index = len(*q)
	*q = append(*q, g)
}

func (q *memQueue) Pop() any {
	last := len(*q) - 1
	g := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	g.index = -1
	return g
}

// checkRecords refuses a batch with a record that could not be found again.
func checkRecords(records []callbacks.Record) error {
	for _, r := range records {
		if r.Feed == "" || r.Key.IsZero() {
			return errors.New("record without feed or key")
		}
	}
	return nil
}
