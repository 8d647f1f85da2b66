package inbox_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// move is what the tests receive: one change of one parcel.
type move struct {
	Parcel string
	Minute int
	Note   string
}

func digest(format string, args ...any) callbacks.Key {
	return sha256.Sum256(fmt.Appendf(nil, format, args...))
}

var moves = callbacks.Feed[move]{
	Name: "moves",
	Decode: func(raw []byte) (m move, err error) {
		err = json.Unmarshal(raw, &m)
		return m, err
	},
	Key:   func(m move) callbacks.Key { return digest("%#v", m) },
	Slot:  func(m move) callbacks.Key { return digest("%q %d", m.Parcel, m.Minute) },
	Group: func(m move) string { return m.Parcel },
	Time:  func(m move) time.Time { return time.Date(2026, 3, 1, 12, m.Minute, 0, 0, time.UTC) },
}

// delivery is what a handler of callbacks makes of m.
func delivery(m move) callbacks.Received[move] {
	raw, _ := json.Marshal(m)
	return callbacks.Received[move]{
		Value: m,
		Record: callbacks.Record{
			Feed: moves.Name, Key: moves.Key(m), Slot: moves.Slot(m), Group: moves.Group(m), Time: moves.Time(m),
			ReceivedAt: time.Now(), Raw: raw,
		},
	}
}

func broken(raw string) callbacks.Received[move] {
	return callbacks.Received[move]{Record: callbacks.Record{
		Feed: moves.Name, Key: digest("%s", raw), ReceivedAt: time.Now(), Raw: []byte(raw), Problem: "cannot be read",
	}}
}

// store is a Memory whose operations a test can get in the way of.
type store struct {
	*inbox.Memory
	put   func(context.Context, []callbacks.Record) ([]callbacks.Outcome, error)
	done  func(context.Context, ...inbox.Lease) ([]inbox.Lease, error)
	renew func(context.Context, time.Duration, ...inbox.Lease) ([]inbox.Lease, error)
	claim func(context.Context, string, int, time.Duration) ([]inbox.Item, error)
}

func newStore() *store {
	m := inbox.NewMemory()
	return &store{Memory: m, put: m.Put, done: m.Done, renew: m.Renew, claim: m.Claim}
}

func (s *store) Put(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
	return s.put(ctx, r)
}

func (s *store) Done(ctx context.Context, l ...inbox.Lease) ([]inbox.Lease, error) {
	return s.done(ctx, l...)
}

func (s *store) Renew(ctx context.Context, d time.Duration, l ...inbox.Lease) ([]inbox.Lease, error) {
	return s.renew(ctx, d, l...)
}

func (s *store) Claim(ctx context.Context, feed string, n int, d time.Duration) ([]inbox.Item, error) {
	return s.claim(ctx, feed, n, d)
}

// bench is a box with what happened in it.
type bench struct {
	*testing.T
	box  *inbox.Box
	sink callbacks.Sink[move]

	mu     sync.Mutex
	events []inbox.Event[move] // in the order in which their handlers began
}

func newBench(t *testing.T, s inbox.Store, opts ...inbox.Option) *bench {
	t.Helper()
	box, err := inbox.New(s, opts...)
	require.NoError(t, err)
	sink, err := inbox.NewSink(box, moves)
	require.NoError(t, err)
	return &bench{T: t, box: box, sink: sink}
}

func (b *bench) accept(ms ...move) {
	b.Helper()
	for _, m := range ms {
		_, err := b.sink.Accept(b.Context(), delivery(m))
		require.NoError(b, err)
	}
}

// run starts Run with the handler, or one that always succeeds, and returns what ends it.
func (b *bench) run(h inbox.Handler[move], opts ...inbox.RunOption) (stop func() error) {
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- inbox.Run(ctx, b.box, moves, func(ctx context.Context, e inbox.Event[move]) error {
			b.mu.Lock()
			b.events = append(b.events, e)
			b.mu.Unlock()
			if h == nil {
				return nil
			}
			return h(ctx, e)
		}, opts...)
	}()
	return sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
}

// handled is what was handed over so far, as parcel and minute.
func (b *bench) handled() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		out = append(out, fmt.Sprint(e.Value.Parcel, e.Value.Minute))
	}
	return out
}

func (b *bench) stats() inbox.Stats {
	b.Helper()
	st, err := b.box.Stats(b.Context(), moves.Name)
	require.NoError(b, err)
	return st
}

func (b *bench) list(states ...inbox.State) []inbox.Entry {
	b.Helper()
	entries, err := b.box.List(b.Context(), inbox.Filter{States: states})
	require.NoError(b, err)
	return entries
}
