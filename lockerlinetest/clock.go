package lockerlinetest

import (
	"fmt"
	"sync"
	"time"
)

// Clock is the time of a simulator: the time of the program, or one that stands still;
// both can be moved forward. It is safe for concurrent use.
type Clock struct {
	start time.Time // zero: the clock runs with the program's

	mu     sync.Mutex
	offset time.Duration
}

// NewClock returns a clock that runs with the program's own.
func NewClock() *Clock { return &Clock{} }

// NewManualClock returns a clock that stands still at start, a Monday morning when start
// is zero.
func NewManualClock(start time.Time) *Clock {
	if start.IsZero() {
		start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)
	}
	return &Clock{start: start}
}

// Now returns the time of the clock, in UTC.
func (c *Clock) Now() time.Time {
	base := c.start
	if base.IsZero() {
		base = time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return base.Add(c.offset).UTC()
}

// Advance moves the clock forward by d. It panics when d is negative.
func (c *Clock) Advance(d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("lockerlinetest: a clock cannot be moved by %v: time does not run backwards", d))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
