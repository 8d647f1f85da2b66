package foxtrot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crowd adds n customers to a server and returns their ids.
func crowd(srv *foxtrottest.Server, n int) []foxtrot.CustomerID {
	ids := make([]foxtrot.CustomerID, n)
	for i := range ids {
		ids[i] = foxtrot.CustomerID(fmt.Sprintf("%06d/%08d", 1, i))
		srv.AddCustomer(demo, foxtrot.Customer{ID: ids[i], Name: fmt.Sprintf("customer %d", i)})
	}
	return ids
}

func TestGetMany_Gets900WhereTenAtOnceIsTooMany(t *testing.T) {
	t.Parallel()
	srv := newServer(t, foxtrottest.WithMaxParallel(10), foxtrottest.WithLatency(2*time.Millisecond))
	ids := crowd(srv, 900)
	i, right := 0, 0
	for id, r := range clientOf(t, srv, lockerline.WithRetry(lockerline.DefaultRetryPolicy())).Customers.GetMany(t.Context(), demo, ids) {
		require.Equal(t, ids[i], id)
		require.NoError(t, r.Err)
		if r.Customer.ID == id && r.Customer.Name == fmt.Sprintf("customer %d", i) {
			right++
		}
		i++
	}
	assert.Equal(t, 900, right)
	assert.LessOrEqual(t, srv.MaxInFlight(), 8)
	assert.Zero(t, srv.Resets())
	assert.Len(t, srv.Requests(), 900)
	t.Logf("%d right answers, at most %d in flight, %d resets, %d requests", right, srv.MaxInFlight(), srv.Resets(), len(srv.Requests()))
}

// This shows that the bound matters: without it the same server loses calls.
func TestGetMany_WithoutTheBoundCallsAreLost(t *testing.T) {
	t.Parallel()
	srv := newServer(t, foxtrottest.WithMaxParallel(10), foxtrottest.WithLatency(100*time.Millisecond))
	ids := crowd(srv, 100)
	c := clientOf(t, srv, foxtrot.WithConcurrency(100))
	failed := 0
	for id, r := range c.Customers.GetMany(t.Context(), demo, ids, lockerline.NoRetry()) {
		if r.Err != nil {
			failed++
			assert.Nil(t, r.Customer, "a failure is never a customer")
			assert.True(t, lockerline.Retryable(r.Err), "%v", r.Err)
			continue
		}
		assert.Equal(t, id, r.Customer.ID)
	}
	assert.Positive(t, failed)
	assert.GreaterOrEqual(t, srv.Resets(), failed, "net/http itself repeats some")
	assert.Equal(t, 10, srv.MaxInFlight())
}

func TestGetMany_FailureConcernsItsOwnIDAlone(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	ids := []foxtrot.CustomerID{"c-1001", "nobody", "", "..", "c-1002", "c-1001"}
	var m lockerline.CallMeta
	var got []error
	for id, r := range c.Customers.GetMany(t.Context(), demo, ids, lockerline.Meta(&m)) {
		if got = append(got, r.Err); r.Err == nil {
			assert.Equal(t, id, r.Customer.ID)
		} else {
			assert.Nil(t, r.Customer)
		}
	}
	require.Len(t, got, len(ids))
	assert.NoError(t, errors.Join(got[0], got[4], got[5]))
	assert.ErrorIs(t, got[1], lockerline.ErrNotFound)
	for _, err := range got[2:4] {
		var bad *lockerline.ArgumentError
		assert.ErrorAs(t, err, &bad)
	}
	assert.Equal(t, 4, m.Attempts, "two were never sent")
	assert.Equal(t, "customers.get", m.Operation)
	assert.Len(t, srv.Requests(), 4)
}

func TestGetMany_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := foxtrottest.New(foxtrottest.WithLatency(time.Second))
		require.NoError(t, err)
		defer srv.Close()
		ids := crowd(srv, 100)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		start, good, ended := time.Now(), 0, 0
		for _, r := range clientOf(t, srv).Customers.GetMany(ctx, demo, ids) {
			switch {
			case r.Err == nil:
				good++
			case errors.Is(r.Err, context.DeadlineExceeded):
				assert.Nil(t, r.Customer)
				assert.False(t, lockerline.Retryable(r.Err))
				ended++
			}
		}
		assert.Equal(t, 2500*time.Millisecond, time.Since(start))
		assert.Equal(t, 16, good)
		assert.Equal(t, 84, ended, "every id has its result")
		assert.LessOrEqual(t, len(srv.Requests()), 24, "nothing was sent after the end")
	})
}

// synctest fails when a goroutine of the bubble outlives it.
func TestGetMany_BreakLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := foxtrottest.New(foxtrottest.WithLatency(time.Second))
		require.NoError(t, err)
		defer srv.Close()
		ids := crowd(srv, 100)
		c := clientOf(t, srv)
		start := time.Now()
		for range c.Customers.GetMany(t.Context(), demo, ids) {
			break
		}
		assert.Equal(t, time.Second, time.Since(start), "calls in flight end at once")
		sent := len(srv.Requests())
		time.Sleep(time.Minute)
		assert.Len(t, srv.Requests(), sent)
		assert.LessOrEqual(t, sent, 16)
		assert.Panics(t, func() {
			for range c.Customers.GetMany(t.Context(), demo, ids) {
				panic("in the loop's body")
			}
		})
	})
}

func TestGetMany_KeepsTheOrderWithinAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := foxtrottest.New()
		require.NoError(t, err)
		defer srv.Close()
		ids := crowd(srv, 200)
		var sent atomic.Int64
		c := clientOf(t, srv, foxtrot.WithConcurrency(4), lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				if sent.Add(1) == 1 {
					time.Sleep(time.Second) // the first is slow
				} else {
					time.Sleep(time.Millisecond)
				}
				return next.RoundTrip(r)
			})
		}))
		i := 0
		for id := range c.Customers.GetMany(t.Context(), demo, ids) {
			if i == 0 {
				assert.LessOrEqual(t, sent.Load(), int64(4*4+1), "what waits behind the first is bounded")
			}
			assert.Equal(t, ids[i], id)
			i++
		}
		assert.Equal(t, 200, i)
	})
}

func TestGetMany_IsLazyAndRepeatable(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	seq := c.Customers.GetMany(t.Context(), demo, []foxtrot.CustomerID{"c-1001"})
	assert.Empty(t, srv.Requests())
	for range 2 {
		for _, r := range seq {
			require.NoError(t, r.Err)
		}
	}
	assert.Len(t, srv.Requests(), 2)
	for range c.Customers.GetMany(t.Context(), demo, nil) {
		t.Error("nobody was asked for")
	}
}
