package alzaboxtest_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/alzabox/alzaboxtest"
	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// rig is a server whose clock stands still, a client of it, and what a receiver heard.
type rig struct {
	*alzaboxtest.Server
	*alzabox.Client
	mu    sync.Mutex
	heard []callbacks.ReservationChange
}

func newRig(t *testing.T, v alzaboxtest.Variant) *rig {
	t.Helper()
	r := &rig{Server: alzaboxtest.NewServer(t, lockerlinetest.NewManualClock(time.Time{}))}
	var err error
	r.Client, err = r.Server.Client()
	require.NoError(t, err)
	h, err := callbacks.NewHandler(callbacks.Reservations(), callbacks.Direct(func(_ context.Context, c callbacks.ReservationChange) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.heard = append(r.heard, c)
		return nil
	}), callbacks.WithCredentials(callbacks.Bearer("own", "token")))
	require.NoError(t, err)
	receiver := httptest.NewServer(h)
	t.Cleanup(func() { receiver.Close(); _ = r.Client.Close() })
	sender, err := callbackstest.NewSender(receiver.URL, callbackstest.WithBearer("token"))
	require.NoError(t, err)
	r.SendTo(sender, v)
	return r
}

func (r *rig) reserve(t *testing.T, id string, box int, change ...func(*alzabox.ReservationRequest)) *alzabox.Reservation {
	t.Helper()
	req := alzabox.ReservationRequest{
		ID: id, Box: alzabox.BoxRef{ID: box}, Times: alzabox.Times{Expiration: callbacks.Some(r.Now().Add(time.Hour))},
		Packages: []alzabox.Package{{Barcode: "code-" + id, Dimensions: alzabox.Dimensions{Depth: 1, Height: 1, Width: 1}}},
	}
	for _, c := range change {
		c(&req)
	}
	made, err := r.Client.Reservations.Create(t.Context(), req)
	require.NoError(t, err)
	return made
}

// statuses delivers and returns what the receiver heard since the last call.
func (r *rig) statuses(t *testing.T) (out []string) {
	t.Helper()
	_, err := r.Deliver(t.Context())
	require.NoError(t, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.heard {
		out = append(out, c.ReservationID+" "+string(c.Status))
	}
	r.heard = nil
	return out
}

func TestServer_CallsBackWhatThePartnerDidNotDo(t *testing.T) {
	t.Parallel()
	r := newRig(t, alzaboxtest.VariantPrereservation)
	r.reserve(t, "a", 20)
	r.reserve(t, "b", 20, func(q *alzabox.ReservationRequest) { q.Blocked = callbacks.Some(true) })
	r.reserve(t, "c", 20)
	r.reserve(t, "d", 20)
	_, err := r.Client.Reservations.Cancel(t.Context(), "d")
	require.NoError(t, err)
	assert.Empty(t, r.statuses(t), "what the partner does is silent")
	require.NoError(t, r.Stock("a"))
	require.NoError(t, r.Stock("b"))
	require.NoError(t, r.NotFit("c"))
	require.Error(t, r.PickUp("b"), "it is blocked")
	require.NoError(t, r.PickUp("a"))
	require.Error(t, r.PickUp("a"))
	require.Error(t, r.Stock("no such"))
	assert.ElementsMatch(t, []string{"a STOCKED", "b STOCKED", "c INCOMPLETE", "a PICKED_UP"}, r.statuses(t))
	_, err = r.Client.Reservations.Unblock(t.Context(), "b")
	require.NoError(t, err)
	r.Advance(2 * time.Hour)
	assert.ElementsMatch(t, []string{"b RETURNING"}, r.statuses(t))
	require.NoError(t, r.TakeOut("b"))
	require.NoError(t, r.CancelByStaff(r.reserve(t, "e", 20).ID))
	id, err := r.BringIn(20, "return-1")
	require.NoError(t, err)
	r.reserve(t, "f", 20)
	r.Advance(2 * time.Hour)
	assert.ElementsMatch(t, []string{"b RETURNED", "e CANCELED", id + " RETURNING", "f EXPIRED"}, r.statuses(t))
	got, err := r.Client.Reservations.List(t.Context(), alzabox.ReservationFilter{Barcode: "return-1"})
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, callbacks.Some(callbacks.FlowTypeInlet), got[0].FlowType)
}

func TestServer_VariantsHaveTheirMembersAlone(t *testing.T) {
	t.Parallel()
	for v, want := range map[alzaboxtest.Variant][4]bool{
		alzaboxtest.VariantBasic: {}, alzaboxtest.VariantBackFlow: {true}, alzaboxtest.VariantBlocked: {true, true}, alzaboxtest.VariantPrereservation: {true, true, true},
	} {
		r := newRig(t, v)
		r.reserve(t, "a", 21)
		require.NoError(t, r.NotFit("a"))
		_, err := r.Deliver(t.Context())
		require.NoError(t, err)
		require.Len(t, r.heard, 1)
		c := r.heard[0]
		assert.Equal(t, want, [4]bool{!c.FlowType.IsAbsent(), !c.Blocked.IsAbsent(), !c.StartReservationDate.IsAbsent()})
		assert.True(t, c.ChangeTime.Equal(r.Now()))
		if want[1] {
			assert.Equal(t, callbacks.Some(callbacks.ErrorStateSlotTooSmall), c.ErrorState)
		}
	}
}

func TestServer_StopSendingIsNeverReplayed(t *testing.T) {
	t.Parallel()
	r := newRig(t, alzaboxtest.VariantBasic)
	r.reserve(t, "a", 20)
	r.reserve(t, "b", 20)
	require.NoError(t, r.Stock("a"))
	r.StopSending()
	require.NoError(t, r.Stock("b"))
	assert.Empty(t, r.statuses(t))
	r.Resume()
	assert.Empty(t, r.statuses(t), "there is no replay")
	require.NoError(t, r.PickUp("a"))
	assert.Equal(t, []string{"a PICKED_UP"}, r.statuses(t))
}

func TestServer_QueueIsServedInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, alzaboxtest.VariantPrereservation)
	wait := func(d time.Duration) func(*alzabox.ReservationRequest) {
		return func(q *alzabox.ReservationRequest) { q.PrereservationExpiration = callbacks.Some(r.Now().Add(d)) }
	}
	r.reserve(t, "first", 21)
	assert.True(t, r.reserve(t, "second", 21, wait(50*time.Minute)).Waits())
	assert.True(t, r.reserve(t, "third", 21, wait(50*time.Minute)).Waits())
	assert.True(t, r.reserve(t, "short", 21, wait(time.Minute)).Waits())
	require.NoError(t, r.Stock("first"))
	require.NoError(t, r.PickUp("first"))
	r.Advance(2 * time.Minute)
	assert.ElementsMatch(t, []string{"first STOCKED", "first PICKED_UP", "second RESERVED", "short EXPIRED"}, r.statuses(t))
}

func TestServer_NextTimesAreTriedInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, alzaboxtest.VariantPrereservation)
	slot := func(h time.Duration) alzabox.Times {
		at := r.Now().Add(h * time.Hour)
		return alzabox.Times{Start: callbacks.Some(at), Expiration: callbacks.Some(at.Add(time.Hour)), PrereservationExpiration: callbacks.Some(at)}
	}
	timed := func(times ...alzabox.Times) func(*alzabox.ReservationRequest) {
		return func(q *alzabox.ReservationRequest) {
			q.Type, q.Times, q.NextTimes = alzabox.ReservationTypeTime, times[0], times[1:]
		}
	}
	r.reserve(t, "a", 21, timed(slot(1)))
	b := r.reserve(t, "b", 21, timed(slot(1), slot(3)))
	assert.Equal(t, slot(3).Start, b.Start, "the slot that is free")
	c := r.reserve(t, "c", 21, timed(slot(1), slot(3)))
	assert.True(t, c.Waits())
	_, err := r.Client.Reservations.Cancel(t.Context(), "b")
	require.NoError(t, err)
	assert.Equal(t, []string{"c RESERVED"}, r.statuses(t))
}

func TestServer_BoxesAndCouriers(t *testing.T) {
	t.Parallel()
	r := newRig(t, alzaboxtest.VariantBasic)
	box, err := r.Boxes.Update(t.Context(), 20, "ours")
	require.NoError(t, err)
	assert.Equal(t, "ours", box.PID)
	box, err = r.Boxes.Get(t.Context(), alzabox.BoxRef{PID: "ours"})
	require.NoError(t, err)
	assert.Len(t, box.Slots.Or(nil), 3)
	_, err = r.Boxes.Get(t.Context(), alzabox.BoxRef{ID: 99})
	require.ErrorIs(t, err, lockerline.ErrNotFound)
	rows, err := r.Boxes.List(t.Context(), alzabox.ListOptions{Fields: []string{"name"}})
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.True(t, rows[0].Slots.IsAbsent())

	ana := alzabox.Courier{Login: "ana", PIN: lockerline.NewSecret("77"), Access: callbacks.Some(alzabox.CourierAccessSpecific), Boxes: callbacks.Some([]alzabox.BoxRef{{ID: 20}})}
	made, err := r.Couriers.Create(t.Context(), ana)
	require.NoError(t, err)
	assert.Equal(t, "77", made.PIN.Reveal())
	got, err := r.Couriers.Get(t.Context(), "ana")
	require.NoError(t, err)
	got.Boxes = callbacks.Some(append(got.Boxes.Or(nil), alzabox.BoxRef{ID: 21}))
	got, err = r.Couriers.Update(t.Context(), *got)
	require.NoError(t, err)
	assert.Len(t, got.Boxes.Or(nil), 2)
	assert.Equal(t, "77", got.PIN.Reveal(), "what is not changed is sent again")
	n := 0
	for _, err := range r.Couriers.All(t.Context(), alzabox.ListOptions{}) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 1, n)
	_, err = r.Couriers.Get(t.Context(), "bob")
	require.ErrorIs(t, err, lockerline.ErrNotFound)
	state, err := r.Client.Reservations.Store(t.Context(), alzabox.StoreRequest{QRCode: "alza://alzabox/20", AlzaPortCode: "x"})
	require.NoError(t, err)
	assert.Equal(t, alzabox.PackageStatePutIn, state)
}

func TestServer_FaultsAndCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t, alzaboxtest.VariantBasic)
	r.Fail("boxes.list", alzaboxtest.Code(200, alzabox.CodeBoxFull), lockerlinetest.Status(403))
	_, err := r.Boxes.List(t.Context(), alzabox.ListOptions{})
	require.ErrorIs(t, err, alzabox.ErrBoxFull)
	_, err = r.Boxes.List(t.Context(), alzabox.ListOptions{})
	require.ErrorIs(t, err, lockerline.ErrForbidden)
	require.ErrorIs(t, r.Do(t.Context(), lockerline.Request{Path: "/elsewhere"}, nil), lockerline.ErrNotFound)
	r.Advance(2 * time.Hour)
	_, err = r.Boxes.List(t.Context(), alzabox.ListOptions{})
	require.NoError(t, err, "a token that has run out is replaced once")
	wrong := r.Credentials
	wrong.Password = "no"
	c, err := alzabox.NewClient(lockerline.Environment{APIURL: r.URL, TokenURL: r.URL + "/connect/token"}, wrong)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Boxes.List(t.Context(), alzabox.ListOptions{})
	require.ErrorIs(t, err, lockerline.ErrUnauthorized)
}
