package delivery_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// crowd is a Harbor with n lockers that are all occupied in our name, and a store with a
// delivery for each.
type crowd struct {
	srv    *harbortest.Server
	client *harbor.Client
	store  *delivery.MemoryStore
	refs   []harbor.LockerRef
}

const lockersATower = 50

func newCrowd(b *testing.B, n int) *crowd {
	b.Helper()
	site, refs := crowdedSite(n)
	srv := harbortest.NewServer(b, harbortest.WithLocations(site))
	return crowdOf(b, srv, refs)
}

func crowdOf(b testing.TB, srv *harbortest.Server, refs []harbor.LockerRef) *crowd {
	b.Helper()
	c := &crowd{srv: srv, client: newClient(b, srv), store: delivery.NewMemoryStore(), refs: refs}
	c.fill(b)
	return c
}

func crowdedSite(n int) (harbortest.Location, []harbor.LockerRef) {
	var refs []harbor.LockerRef
	site := harbortest.Location{ID: 1, Name: "Crowd", City: "Los Angeles", Country: "United States"}
	for t := range (n + lockersATower - 1) / lockersATower {
		tw := harbortest.Tower{ID: harbor.TowerID(fmt.Sprintf("01%014x", t+1))}
		for range min(lockersATower, n-len(refs)) {
			id := harbor.LockerID(len(refs) + 1)
			tw.Lockers = append(tw.Lockers, harbortest.Locker{
				ID: id, Name: id.String(), Type: harbortest.LockerType{ID: 1, Name: "small"},
				Status: harbor.LockerStatusOccupied, Owner: harbortest.DefaultClientID,
			})
			refs = append(refs, harbor.LockerRef{Tower: tw.ID, Locker: id})
		}
		site.Towers = append(site.Towers, tw)
	}
	return site, refs
}

// fill stores a delivery for each locker, with a history as it would have.
func (c *crowd) fill(b testing.TB) {
	b.Helper()
	long := time.Now().UTC().Add(-time.Hour).Round(0)
	for i, ref := range c.refs {
		token := delivery.DoorToken{AskedAt: long, ExpiresAt: long.Add(5 * time.Minute)}
		reference := fmt.Sprintf("order-%06d", i)
		require.NoError(b, c.store.Create(b.Context(), delivery.NewRow(delivery.Delivery{
			Reference: reference, Phase: delivery.PhaseStored, Since: long, CreatedAt: long, UpdatedAt: long,
			Request: delivery.Request{Reference: reference, Location: 1, ReserveFor: 5 * time.Minute, ClientInfo: reference},
			Locker:  &delivery.Locker{Ref: ref, Name: "1", Type: "small"}, Claimed: true, StoredAt: long, Dropoff: &token,
			History: []delivery.Entry{
				{At: long, Event: delivery.EventChosen, From: delivery.PhaseSearching, To: delivery.PhaseSearching},
				{At: long, Event: delivery.EventReserved, From: delivery.PhaseSearching, To: delivery.PhaseReserved},
				{At: long, Event: delivery.EventDropoffToken, From: delivery.PhaseReserved, To: delivery.PhaseRented},
				{At: long, Event: delivery.EventStored, From: delivery.PhaseRented, To: delivery.PhaseStored},
			},
		})))
	}
}

// run lets a manager run until the returned stop is called.
func (c *crowd) run(b testing.TB, opts ...delivery.Option) (*delivery.Manager, func()) {
	b.Helper()
	m, err := delivery.New(c.client, c.store, opts...)
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	return m, func() {
		cancel()
		require.NoError(b, <-done)
	}
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc) / (1 << 20)
}

// BenchmarkTick is one look at all open deliveries by their number: what it costs beside
// the list request itself, which is the baseline, and the memory that is held between two.
// Each row reports also the list requests that a tick makes.
func BenchmarkTick(b *testing.B) {
	for _, n := range []int{10, 100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("list_alone/%d", n), func(b *testing.B) {
			c := newCrowd(b, n)
			for b.Loop() {
				_, err := c.client.Lockers.Assigned(b.Context())
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("run/%d", n), func(b *testing.B) {
			const interval = time.Millisecond // so that ticks follow each other at once
			c := newCrowd(b, n)
			before := heap()
			_, stop := c.run(b, delivery.WithInterval(interval), delivery.WithSweepInterval(time.Hour))
			for len(c.srv.Requests("lockers.assigned")) < 3 {
				time.Sleep(time.Millisecond)
			}
			c.srv.ResetRequests()
			ticks := 0
			for b.Loop() {
				for ticks++; len(c.srv.Requests("lockers.assigned")) < ticks; {
					time.Sleep(50 * time.Microsecond)
				}
				if ticks == 4000 { // before the log forgets
					c.srv.ResetRequests()
					ticks = 0
				}
			}
			b.StopTimer()
			others := len(c.srv.Requests()) - len(c.srv.Requests("lockers.assigned"))
			b.ReportMetric(float64(others), "other_requests")
			b.ReportMetric(heap()-before, "MB_held")
			stop()
		})
	}
}

// BenchmarkNudge is the time from a nudge until the hook is called, among many open
// deliveries: a parcel that was taken out, seen and told of.
func BenchmarkNudge(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := newCrowd(b, n)
			told := make(chan delivery.Notice, 1)
			tell := func(_ context.Context, n delivery.Notice) error {
				told <- n
				return nil
			}
			m, stop := c.run(b, delivery.WithInterval(2*time.Second), delivery.WithNotify(tell))
			defer stop()
			for len(c.srv.Requests("lockers.assigned")) < 2 {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Second) // the first looks are over
			var worst, sum time.Duration
			i := 0
			statuses := [...]harbor.LockerStatus{harbor.LockerStatusOutOfService, harbor.LockerStatusOccupied}
			for b.Loop() {
				// One locker after the other breaks, and works again in the next round.
				ref, to := c.refs[i%n], statuses[(i/n)%2]
				i++
				b.StopTimer()
				require.NoError(b, c.srv.SetStatus(ref, to, harbortest.DefaultClientID))
				b.StartTimer()
				began := time.Now()
				m.Nudge(ref)
				<-told
				took := time.Since(began)
				sum += took
				worst = max(worst, took)
			}
			b.ReportMetric(float64(worst.Microseconds())/1000, "ms_worst")
			b.ReportMetric(float64(sum.Microseconds())/1000/float64(i), "ms_mean")
		})
	}
}
