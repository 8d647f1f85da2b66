package callbackstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// SendReport is the outcome of one Send.
type SendReport struct {
	// Results has one entry for each message, in the given order.
	Results []MessageResult
	// Requests is how many were begun, those included that were cut or hung up.
	Requests int
	// Statuses counts the answers by HTTP status.
	Statuses map[int]int
	// Unanswered counts the requests without an answer, those cut or hung up on purpose
	// included.
	Unanswered int
	// Resent counts the messages that were sent again, or twice at once, though one
	// sending was enough.
	Resent int
	// Reordered, Slow, Cut and HungUp count the faults that happened.
	Reordered, Slow, Cut, HungUp int
}

// MessageResult is the outcome of one message.
type MessageResult struct {
	Message Message
	// Acknowledged tells that at least one request was answered 200. The receiver may
	// have kept other messages too: an answer can be lost.
	Acknowledged bool
	Requests     int
	// Status is the last answer; 0 when there was none.
	Status int
	// Err is why the last request without an answer had none.
	Err error
}

// Sent returns the number of messages for which at least one request was begun.
func (r SendReport) Sent() int {
	return r.count(func(m MessageResult) bool { return m.Requests > 0 })
}

// Acknowledged returns the number of messages that were answered 200.
func (r SendReport) Acknowledged() int {
	return r.count(func(m MessageResult) bool { return m.Acknowledged })
}

// Refused returns the number of messages that were given up, or not sent at all.
func (r SendReport) Refused() int { return len(r.Results) - r.Acknowledged() }

func (r SendReport) count(is func(MessageResult) bool) (n int) {
	for _, m := range r.Results {
		if is(m) {
			n++
		}
	}
	return n
}

// String returns the report on one line.
func (r SendReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d messages: %d sent, %d acknowledged, %d refused; %d requests:",
		len(r.Results), r.Sent(), r.Acknowledged(), r.Refused(), r.Requests)
	for _, status := range slices.Sorted(maps.Keys(r.Statuses)) {
		fmt.Fprintf(&b, " %d x %d,", r.Statuses[status], status)
	}
	fmt.Fprintf(&b, " %d unanswered; %d re-sent, %d reordered, %d slow, %d cut, %d hung up",
		r.Unanswered, r.Resent, r.Reordered, r.Slow, r.Cut, r.HungUp)
	return b.String()
}

// ledger is a report while it is written by several goroutines.
type ledger struct {
	mu     sync.Mutex
	report SendReport
}

func newLedger(messages []Message) *ledger {
	l := &ledger{report: SendReport{Results: make([]MessageResult, len(messages)), Statuses: map[int]int{}}}
	for i, m := range messages {
		l.report.Results[i].Message = m
	}
	return l
}

func (l *ledger) write(change func(*SendReport)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.report)
}

// note writes down one request and reports whether it was acknowledged.
func (l *ledger) note(p *plan, status int, err error) bool {
	l.write(func(r *SendReport) {
		result := &r.Results[p.index]
		r.Requests++
		result.Requests++
		if err != nil {
			r.Unanswered++
			result.Err = err
			return
		}
		r.Statuses[status]++
		result.Status = status
		result.Acknowledged = result.Acknowledged || status == acknowledged
	})
	return err == nil && status == acknowledged
}
