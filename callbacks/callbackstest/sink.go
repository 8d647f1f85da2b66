package callbackstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// SinkFixture is a new sink, with what TestSink needs to look into its store and to stop it.
type SinkFixture struct {
	Sink callbacks.Sink[callbacks.ReservationChange]
	// Kept reports whether the delivery of this body is safe in the store. It is called
	// while Accept runs, too.
	Kept func(body []byte) bool
	// Block makes the writes of the store hang, begun and not finished, until release is
	// called. Kept must not hang with them.
	Block func() (release func())
}

// TestSink checks that a sink keeps every promise of callbacks.Sink, one subtest a promise,
// all in parallel. open returns a new sink each time and cleans up with t.Cleanup. Run it
// with -race.
func TestSink(t *testing.T, open func(t *testing.T) SinkFixture) {
	for _, c := range sinkCases {
		t.Run(c.promise, func(t *testing.T) {
			t.Parallel()
			c.check(sinkTest{TB: t, SinkFixture: open(t)})
		})
	}
}

// sinkPatience is how long Accept may take beyond its context, and the store after a release.
const sinkPatience = 2 * time.Second

type sinkCase struct {
	promise string
	check   func(sinkTest)
}

var sinkCases = []sinkCase{
	{"AcknowledgedIsKept", sinkTest.acknowledgedIsKept},
	{"RepeatIsAcknowledged", sinkTest.repeatIsAcknowledged},
	{"UnreadableIsKeptOrRefused", sinkTest.unreadableIsKeptOrRefused},
	{"BytesStayAsTheyAre", sinkTest.bytesStayAsTheyAre},
	{"ConcurrentDeliveriesAreAllKept", sinkTest.concurrentDeliveriesAreAllKept},
	{"AcceptReturnsByItsContext", sinkTest.acceptReturnsByItsContext},
	{"WhatBeganIsFinished", sinkTest.whatBeganIsFinished},
	{"SinkGoesOnAfterTheStoreHung", sinkTest.sinkGoesOnAfterTheStoreHung},
	{"ShutdownWaits", sinkTest.shutdownWaits},
}

// sinkTest is one check of one sink.
type sinkTest struct {
	testing.TB
	SinkFixture
}

// newDelivery makes a delivery of a reservation change as a handler does.
func newDelivery(name string) callbacks.Received[callbacks.ReservationChange] {
	feed := callbacks.Reservations()
	raw := fmt.Appendf(nil, `{"reservationId":%q,"status":"STOCKED","changeTime":"2025-01-01T12:00:00Z"}`, name)
	c, err := feed.Decode(raw)
	if err != nil {
		panic(err)
	}
	return callbacks.Received[callbacks.ReservationChange]{Value: c, Record: callbacks.Record{
		Feed: feed.Name, Key: feed.Key(c), Slot: feed.Slot(c), Group: feed.Group(c), Time: feed.Time(c),
		ReceivedAt: time.Now(), Raw: raw,
	}}
}

// accept calls the sink with a context of the given length, and fails the test when the call
// does not return by then or returns what the handler would not take.
func (t sinkTest) accept(limit time.Duration, d callbacks.Received[callbacks.ReservationChange]) (callbacks.Outcome, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	type answer struct {
		outcome callbacks.Outcome
		err     error
	}
	done := make(chan answer, 1)
	go func() {
		outcome, err := t.Sink.Accept(ctx, d)
		if err == nil && !t.Kept(d.Raw) {
			err = errors.New("acknowledged and not kept")
			t.Errorf("Accept returned %v before the delivery was safe", outcome)
		}
		done <- answer{outcome, err}
	}()
	select {
	case a := <-done:
		if a.err == nil && (a.outcome < callbacks.OutcomeStored || a.outcome > callbacks.OutcomeQuarantined) {
			t.Errorf("Accept returned neither an outcome nor an error")
		}
		return a.outcome, a.err
	case <-time.After(limit + sinkPatience):
		t.Errorf("Accept did not return by its context")
		return 0, context.DeadlineExceeded
	}
}

const (
	longEnough = time.Minute            // for a store that works
	tooShort   = 250 * time.Millisecond // for one that hangs, and enough to begin a write
)

func (t sinkTest) acknowledgedIsKept() {
	for i := range 3 {
		d := newDelivery(fmt.Sprint("kept-", i))
		if t.Kept(d.Raw) {
			t.Errorf("Kept reports a delivery that was never accepted")
		}
		if outcome, err := t.accept(longEnough, d); err != nil || outcome != callbacks.OutcomeStored {
			t.Errorf("a new delivery is %v, %v", outcome, err)
		}
	}
}

func (t sinkTest) repeatIsAcknowledged() {
	d := newDelivery("repeated")
	for range 3 {
		if outcome, err := t.accept(longEnough, d); err != nil {
			t.Errorf("a repeat is %v, %v", outcome, err)
		}
	}
}

func (t sinkTest) unreadableIsKeptOrRefused() {
	raw := []byte("{ not JSON")
	d := callbacks.Received[callbacks.ReservationChange]{Record: callbacks.Record{
		Feed: callbacks.ReservationsFeedName, Key: callbacks.RawKey(raw), ReceivedAt: time.Now(), Raw: raw, Problem: "is not JSON",
	}}
	outcome, err := t.accept(longEnough, d)
	switch {
	case errors.Is(err, callbacks.ErrNoQuarantine):
	case err != nil || outcome != callbacks.OutcomeQuarantined:
		t.Errorf("an unreadable body is %v, %v", outcome, err)
	}
}

func (t sinkTest) bytesStayAsTheyAre() {
	d := newDelivery("bytes")
	before := bytes.Clone(d.Raw)
	if _, err := t.accept(longEnough, d); err != nil {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(d.Raw, before) {
		t.Errorf("Accept changed the bytes of the body")
	}
}

func (t sinkTest) concurrentDeliveriesAreAllKept() {
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			if _, err := t.accept(longEnough, newDelivery(fmt.Sprint("at-once-", i))); err != nil {
				t.Errorf("one of many: %v", err)
			}
		})
	}
	all.Wait()
}

func (t sinkTest) acceptReturnsByItsContext() {
	release := t.Block()
	defer release()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if outcome, err := t.accept(tooShort, newDelivery(fmt.Sprint("late-", i))); err == nil {
				t.Errorf("the store hangs, and the delivery is %v", outcome)
			}
		})
	}
	all.Wait()
}

func (t sinkTest) whatBeganIsFinished() {
	release := t.Block()
	d := newDelivery("begun")
	_, err := t.accept(tooShort, d)
	release()
	if err == nil {
		t.Errorf("the store hung, and the delivery was acknowledged")
	}
	if !t.soon(func() bool { return t.Kept(d.Raw) }) {
		t.Errorf("the write that had begun was given up when the context ended")
	}
}

func (t sinkTest) sinkGoesOnAfterTheStoreHung() {
	release := t.Block()
	d := newDelivery("again")
	_, _ = t.accept(tooShort, d)
	release()
	// The sender comes again until it is told 200.
	var err error
	if !t.soon(func() bool { _, err = t.accept(sinkPatience, d); return err == nil }) {
		t.Errorf("the store works again, and the delivery is refused: %v", err)
	}
	if _, err := t.accept(longEnough, newDelivery("another")); err != nil {
		t.Errorf("the store works again, and another delivery is refused: %v", err)
	}
}

// shutdownWaits is for sinks with a method Shutdown; others have nothing to wait for.
func (t sinkTest) shutdownWaits() {
	sink, ok := t.Sink.(interface{ Shutdown(context.Context) error })
	if !ok {
		return
	}
	release := t.Block()
	d := newDelivery("under way")
	_, _ = t.accept(tooShort, d)
	short, cancel := context.WithTimeout(t.Context(), tooShort)
	defer cancel()
	if sink.Shutdown(short) == nil {
		t.Errorf("Shutdown did not wait for the write under way")
	}
	release()
	long, cancel := context.WithTimeout(t.Context(), longEnough)
	defer cancel()
	if err := sink.Shutdown(long); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if !t.Kept(d.Raw) {
		t.Errorf("Shutdown returned before the write under way had ended")
	}
	if _, err := t.accept(longEnough, newDelivery("too late")); err == nil {
		t.Errorf("a delivery is accepted after Shutdown")
	}
}

// soon waits until something is so, for sinkPatience at most.
func (t sinkTest) soon(is func() bool) bool {
	for end := time.Now().Add(sinkPatience); ; {
		if is() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		<-time.After(5 * time.Millisecond)
	}
}
