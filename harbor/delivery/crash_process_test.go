package delivery_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
)

// errKilled is what a process sees of the world after it was killed: nothing it does has
// any effect, so that whatever its code still runs is as if it did not.
var errKilled = errors.New("the process was killed")

// process is a manager that can be killed between any two steps: before or after anything
// it does to the store or to Harbor.
type process struct {
	*delivery.Manager
	client *harbor.Client
	steps  atomic.Int64 // left to live; below zero: dead
}

// step counts down. It reports whether the process is dead by now.
func (p *process) step() bool { return p.steps.Add(-1) < 0 }

func (p *process) dead() bool { return p.steps.Load() < 0 }

// mortalStore is a store as a process sees it: each use is a step before, and one after.
type mortalStore struct {
	delivery.Store
	p *process
}

func (s mortalStore) do(fn func() error) error {
	if s.p.step() {
		return errKilled
	}
	err := fn()
	if s.p.step() {
		return errKilled
	}
	return err
}

func (s mortalStore) Create(ctx context.Context, r delivery.Row) error {
	return s.do(func() error { return s.Store.Create(ctx, r) })
}

func (s mortalStore) Update(ctx context.Context, r delivery.Row) error {
	return s.do(func() error { return s.Store.Update(ctx, r) })
}

func (s mortalStore) Get(ctx context.Context, reference string) (r delivery.Row, err error) {
	err = s.do(func() error {
		r, err = s.Store.Get(ctx, reference)
		return err
	})
	return r, err
}

func (s mortalStore) At(ctx context.Context, locker string) (rs []delivery.Row, err error) {
	err = s.do(func() error {
		rs, err = s.Store.At(ctx, locker)
		return err
	})
	return rs, err
}

func (s mortalStore) List(ctx context.Context, f delivery.Filter) (rs []delivery.Row, err error) {
	err = s.do(func() error {
		rs, err = s.Store.List(ctx, f)
		return err
	})
	return rs, err
}

func (s mortalStore) Due(ctx context.Context, now time.Time, limit int) (rs []delivery.Row, err error) {
	err = s.do(func() error {
		rs, err = s.Store.Due(ctx, now, limit)
		return err
	})
	return rs, err
}

// mortalLine is the way to Harbor as a process sees it.
type mortalLine struct {
	next http.RoundTripper
	p    *process
}

func (l mortalLine) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.p.step() {
		return nil, errKilled
	}
	res, err := l.next.RoundTrip(r)
	if l.p.step() {
		if res != nil {
			_ = res.Body.Close()
		}
		return nil, errKilled
	}
	return res, err
}

// spawn starts a process that lives for a number of steps.
func (w *world) spawn(steps int) *process {
	p := &process{}
	p.steps.Store(int64(steps))
	client, err := harbor.NewClient(w.srv.Environment(), w.srv.Credentials(),
		lockerline.WithHTTPClient(&http.Client{Transport: mortalLine{w.line, p}}),
		lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 3, MinWait: 100 * time.Millisecond, MaxWait: time.Second, MaxRetryAfter: 5 * time.Second}))
	if err != nil {
		panic(err)
	}
	store := w.store
	if w.rules.store != nil {
		store = w.rules.store(store)
	}
	m, err := delivery.New(client, mortalStore{store, p}, w.rules.options...)
	if err != nil {
		panic(err)
	}
	p.Manager, p.client = m, client
	return p
}
