package delivery_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// slowLine lets lists of our lockers arrive late, and old, while it is on.
type slowLine struct {
	next http.RoundTripper
	on   atomic.Bool
}

func (l *slowLine) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(r)
	if strings.HasSuffix(r.URL.Path, "/assigned-lockers") && l.on.CompareAndSwap(true, false) {
		time.Sleep(10 * time.Second)
	}
	return res, err
}

// A list may be answered before a locker is taken and arrive after. What it says of the
// locker was true of the delivery before.
func TestLook_ListOlderThanADeliveryProvesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		small := harbortest.LockerType{ID: 1, Name: "small"}
		srv, err := harbortest.New(harbortest.WithLocations(harbortest.Location{ID: 1, Name: "One", City: "Los Angeles", Towers: []harbortest.Tower{
			{ID: tower, Lockers: []harbortest.Locker{{ID: 950, Name: "1", Type: small}}},
		}}))
		require.NoError(t, err)
		defer srv.Close()
		line := &slowLine{next: srv.HTTPClient().Transport}
		client, err := harbor.NewClient(srv.Environment(), srv.Credentials(), lockerline.WithHTTPClient(&http.Client{Transport: line}))
		require.NoError(t, err)
		defer client.Close()
		r := &rig{T: t, srv: srv, store: delivery.NewMemoryStore(), told: &told{}, client: client}
		r.Manager = r.another()
		stop := r.run()
		defer stop()

		drop := r.rented("first")
		time.Sleep(5 * time.Second) // the watcher has seen it rented
		r.open(drop)
		line.on.Store(true)
		time.Sleep(2 * time.Second) // the next list says occupied, and is on its way
		require.False(t, line.on.Load())
		r.Nudge(ref(950))
		synctest.Wait()
		pick, err := r.PickupToken(r.Context(), "first", forFive)
		require.NoError(t, err)
		r.open(pick)
		r.Nudge(ref(950))
		synctest.Wait()
		require.Equal(t, delivery.PhaseCollected, r.get("first").Phase)
		r.start("second")
		time.Sleep(30 * time.Second)
		assert.Equal(t, delivery.PhaseReserved, r.get("second").Phase)
	})
}
