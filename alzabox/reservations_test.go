package alzabox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// What Create says of each way in which an answer is lost or an id exists.
func TestCreate_SaysCreatedDifferentOrUnknown(t *testing.T) {
	t.Parallel()
	end := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	const (
		sameNow  = `{"data":{"reservation":{"id":"a","attributes":{"status":"RESERVED","expirationDate":"2030-01-01T00:00:00.0000000Z","packages":[{"barcode":"code-a"}]},"relationships":{"box":{"id":20,"pid":"p"}}}}}`
		other    = `{"data":{"reservation":{"id":"a","attributes":{"status":"RESERVED","expirationDate":"2031-01-01T00:00:00Z","packages":[{"barcode":"SECRET"}]},"relationships":{"box":{"id":21}}}}}`
		ended    = `{"data":{"reservation":{"id":"a","attributes":{"status":"CANCELED","expirationDate":"2030-01-01T00:00:00Z","packages":[{"barcode":"code-a"}]},"relationships":{"box":{"id":20}}}}}`
		conflict = `{"data":null,"metadata":null,"errors":[{"message":"exists: SECRET","messageCode":null,"extensions":{"code":"CONFLICT"}}]}`
		none     = `{"data":{"reservation":null}}`
	)
	lost := map[string]struct {
		status int
		body   string
	}{"lost": {0, ""}, "500": {500, ""}, "502 page": {502, "<html>"}, "503": {503, "{}"}, "half an answer": {200, `{"data":{"id":`}, "empty": {200, ""}, "conflict": {409, conflict}, "conflict without a code": {409, `{}`}}
	for name, first := range lost {
		for look, want := range map[string]string{sameNow: "created", other: "different", ended: "ended", none: "unknown"} {
			t.Run(name+", "+want, func(t *testing.T) {
				t.Parallel()
				answer := says(first.status, first.body)
				if first.status == 0 {
					answer = breaks
				}
				c, m := over(t, answer, says(200, look))
				var meta lockerline.CallMeta
				r, err := c.Reservations.Create(t.Context(), order("a", end), lockerline.Meta(&meta))
				require.Len(t, m.sent, 2, "sent once, looked up once")
				assert.Equal(t, 2, meta.Attempts, "of both calls")
				assert.Equal(t, "GET", m.sent[1].Method)
				switch want {
				case "created":
					require.NoError(t, err)
					assert.Equal(t, callbacks.StatusReserved, r.Status)
					return
				case "different", "ended":
					e := requireError(t, err)
					require.ErrorIs(t, err, lockerline.ErrConflict)
					assert.NotErrorIs(t, err, lockerline.ErrOutcomeUnknown)
					names := map[string]bool{}
					for _, f := range e.Fields {
						names[f.Field] = true
						assert.NotContains(t, f.Message, "SECRET")
					}
					if want == "ended" {
						assert.Equal(t, map[string]bool{"Status": true}, names)
					} else {
						assert.Equal(t, map[string]bool{"Box": true, "Packages.Barcode": true, "Expiration": true}, names)
					}
				case "unknown":
					if first.status == 409 {
						require.ErrorIs(t, err, lockerline.ErrConflict)
					} else {
						require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
					}
				}
				assert.NotContains(t, err.Error(), "SECRET")
			})
		}
	}
}

func TestCreate_LookUpThatFailsLeavesTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	c, m := over(t, breaks, says(503, ""))
	_, err := c.Reservations.Create(t.Context(), order("a", time.Now()))
	require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
	assert.Len(t, m.sent, 3, "one create, a look-up tried twice")
}

func TestCreate_RefusalIsFinal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400, 409} {
		c, m := over(t, says(status, `{"data":null,"errors":[{"messageCode":"BOX_IS_FULL","message":"full","extensions":{"code":"CONFLICT"}}]}`))
		_, err := c.Reservations.Create(t.Context(), order("a", time.Now()))
		require.ErrorIs(t, err, alzabox.ErrBoxFull, status)
		require.ErrorIs(t, err, lockerline.ErrRefused)
		assert.NotErrorIs(t, err, lockerline.ErrOutcomeUnknown)
		assert.Len(t, m.sent, 1, "no look-up")
	}
}

// With the simulator: an answer that is lost after the effect leaves one reservation.
func TestCreate_LostAnswerMakesOneReservation(t *testing.T) {
	t.Parallel()
	s, c := rig(t, nil)
	end := time.Now().Add(time.Hour)
	for i, fault := range []lockerlinetest.Fault{
		lockerlinetest.Disconnect(lockerlinetest.After), lockerlinetest.Disconnect(lockerlinetest.Within), lockerlinetest.Truncated(), lockerlinetest.HTML(502).AfterEffect(),
	} {
		id := string(rune('a' + i))
		s.Fail("reservations.create", fault)
		r, err := c.Reservations.Create(t.Context(), order(id, end))
		require.NoError(t, err, id)
		assert.Equal(t, id, r.ID)
		assert.Len(t, s.Reservations(), i+1)
		again, err := c.Reservations.Create(t.Context(), order(id, end))
		require.NoError(t, err, "a program that was killed repeats it")
		assert.Equal(t, r.PIN.Reveal(), again.PIN.Reveal())
		assert.Len(t, s.Reservations(), i+1)
	}
	s.Fail("reservations.create", lockerlinetest.Disconnect(lockerlinetest.Before))
	_, err := c.Reservations.Create(t.Context(), order("z", end))
	require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
	_, err = c.Reservations.Create(t.Context(), order("z2", end))
	require.ErrorIs(t, err, alzabox.ErrBoxFull, "four of four are held")
	assert.Len(t, s.Reservations(), 4, "nothing is left behind")
	_, err = c.Reservations.Create(t.Context(), alzabox.ReservationRequest{ID: "big", Box: alzabox.BoxRef{ID: 20}, Times: until(end), Packages: []alzabox.Package{{Dimensions: alzabox.Dimensions{Depth: 900, Height: 1, Width: 1}}}})
	require.ErrorIs(t, err, alzabox.ErrTooLarge)
	require.ErrorIs(t, err, lockerline.ErrRefused)
}

func TestCreate_PrereservationHoldsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := rig(t, nil)
		end := time.Now().Add(time.Hour)
		request := func(id string) alzabox.ReservationRequest {
			r := order(id, end)
			r.Box = alzabox.BoxRef{PID: "pid-21"}
			return r
		}
		r, err := c.Reservations.Create(t.Context(), request("first"))
		require.NoError(t, err)
		assert.False(t, r.Waits())
		waiting := request("second")
		waiting.PrereservationExpiration = callbacks.Some(end)
		r, err = c.Reservations.Create(t.Context(), waiting)
		require.NoError(t, err)
		assert.Equal(t, callbacks.StatusPrereserved, r.Status)
		assert.True(t, r.Waits(), "a success that holds no compartment")
		_, err = c.Reservations.Cancel(t.Context(), "first")
		require.NoError(t, err)
		r, err = c.Reservations.Get(t.Context(), "second")
		require.NoError(t, err)
		assert.Equal(t, callbacks.StatusReserved, r.Status)
	})
}

// AlzaBox loses the next times that a PATCH leaves out; the simulator does so too.
func TestUpdate_KeepsTheNextTimes(t *testing.T) {
	t.Parallel()
	s, c := rig(t, nil)
	now := time.Now().UTC().Truncate(time.Second)
	slot := func(h int) alzabox.Times {
		start := now.Add(time.Duration(h) * time.Hour)
		return alzabox.Times{Start: callbacks.Some(start), Expiration: callbacks.Some(start.Add(time.Hour)), PrereservationExpiration: callbacks.Some(start)}
	}
	_, err := c.Reservations.Create(t.Context(), alzabox.ReservationRequest{ID: "block", Box: alzabox.BoxRef{ID: 21}, Times: until(now.Add(99 * time.Hour)), Packages: []alzabox.Package{small("1")}})
	require.NoError(t, err)
	r := order("a", now)
	r.Box, r.Type, r.Times, r.NextTimes = alzabox.BoxRef{ID: 21}, alzabox.ReservationTypeTime, slot(1), []alzabox.Times{slot(2), slot(3)}
	made, err := c.Reservations.Create(t.Context(), r)
	require.NoError(t, err)
	require.True(t, made.Waits())
	for _, change := range []func() (*alzabox.Reservation, error){
		func() (*alzabox.Reservation, error) { return c.Reservations.Block(t.Context(), "a") },
		func() (*alzabox.Reservation, error) {
			return c.Reservations.Extend(t.Context(), "a", now.Add(3*time.Hour))
		},
		func() (*alzabox.Reservation, error) {
			later := alzabox.Times{Start: slot(3).Start, Expiration: callbacks.Some(now.Add(9 * time.Hour))}
			return c.Reservations.Update(t.Context(), "a", alzabox.ReservationUpdate{NextTimes: []alzabox.Times{later}})
		},
	} {
		got, err := change()
		require.NoError(t, err)
		require.Len(t, got.NextTimes.Or(nil), 2)
		assert.Equal(t, slot(2), got.NextTimes.Or(nil)[0])
		assert.Equal(t, slot(3).PrereservationExpiration, got.NextTimes.Or(nil)[1].PrereservationExpiration)
	}
	got, err := c.Reservations.Get(t.Context(), "a")
	require.NoError(t, err)
	end, _ := got.NextTimes.Or(nil)[1].Expiration.Get()
	assert.True(t, end.Equal(now.Add(9*time.Hour)))
	assert.Equal(t, callbacks.Some(true), got.Blocked)
	s.ResetRequests()
	_, err = c.Reservations.Update(t.Context(), "a", alzabox.ReservationUpdate{NextTimes: []alzabox.Times{slot(5)}})
	require.ErrorIs(t, err, lockerline.ErrInvalid)
	assert.Empty(t, s.Requests("reservations.update"), "a slot that it has not is not sent")
	_, err = c.Reservations.Unblock(t.Context(), "no such")
	require.ErrorIs(t, err, lockerline.ErrNotFound)
}

func TestUpdate_SendsWhatIsNamedAlone(t *testing.T) {
	t.Parallel()
	const record = `{"data":{"reservation":{"id":"a","attributes":{"status":"STOCKED"}}}}`
	c, m := over(t, says(200, record))
	_, err := c.Reservations.Extend(t.Context(), "a", time.Date(2030, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600)))
	require.NoError(t, err)
	require.Len(t, m.sent, 2)
	sent := attributes(t, m.sent[1].Body)
	assert.Len(t, sent, 1, "no null")
	assert.JSONEq(t, `"2030-01-01T00:00:00Z"`, string(sent["expirationDate"]))
}

func TestCancel_IsSafeToRepeat(t *testing.T) {
	t.Parallel()
	s, c := rig(t, nil)
	_, err := c.Reservations.Create(t.Context(), order("a", time.Now().Add(time.Hour)))
	require.NoError(t, err)
	for range 2 { // AlzaBox refuses the second one
		r, err := c.Reservations.Cancel(t.Context(), "a")
		require.NoError(t, err)
		assert.Equal(t, callbacks.StatusCanceled, r.Status)
	}
	_, err = c.Reservations.Create(t.Context(), order("b", time.Now().Add(time.Hour)))
	require.NoError(t, err)
	require.NoError(t, s.Stock("b"))
	require.NoError(t, s.PickUp("b"))
	_, err = c.Reservations.Cancel(t.Context(), "b")
	require.ErrorIs(t, err, lockerline.ErrConflict, "it was picked up")
}

func TestStore_SuccessFalseIsAnError(t *testing.T) {
	t.Parallel()
	c, m := over(t, says(200, `{"data":{"success":false,"state":"COULD_NOT_BE_PUTTED_IN","errorMessage":"no room for SECRET"}}`), breaks)
	state, err := c.Reservations.Store(t.Context(), alzabox.StoreRequest{QRCode: "alza://alzabox/1", AlzaPortCode: "x"})
	require.ErrorIs(t, err, alzabox.ErrNotStored)
	assert.NotErrorIs(t, err, lockerline.ErrOutcomeUnknown)
	assert.False(t, lockerline.Retryable(err))
	assert.NotContains(t, err.Error(), "SECRET")
	assert.Equal(t, "no room for SECRET", requireError(t, err).Detail)
	assert.Equal(t, alzabox.PackageStateCouldNotPut, state)
	_, err = c.Reservations.Store(t.Context(), alzabox.StoreRequest{QRCode: "alza://alzabox/1", AlzaPortCode: "x"})
	require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
	assert.Len(t, m.sent, 2, "never repeated")
}
