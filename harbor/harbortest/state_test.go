package harbortest_test

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// walker does one thing after another to one locker, and knows by the table alone what
// must come of it.
type walker struct {
	partner
	phone *harbortest.Phone
	keys  map[string][][2]string
	model harbor.LockerStatus
	rows  map[harbor.Transition]bool
}

func (w *walker) path(op string) string { return lockerPath(free, op) }

// expect moves the model by the table and compares.
func (w *walker) expect(event harbor.LockerEvent, done bool) {
	w.t.Helper()
	next, err := w.model.Next(event)
	require.Equal(w.t, err == nil, done, "%s while %s", event, w.model)
	if done {
		for _, row := range harbor.Transitions() {
			if row.From == w.model && row.Event == event {
				w.rows[row] = true
			}
		}
		w.model = next
	}
	require.Equal(w.t, w.model, w.status(freeRef), "after %s", event)
}

func (w *walker) ask(method, op, body string) answer {
	w.t.Helper()
	a := w.do(method, w.path(op), body)
	require.Contains(w.t, []int{200, 404, 409}, a.code, a.body)
	return a
}

func (w *walker) makeKey(kind string, event harbor.LockerEvent) {
	a := w.ask(http.MethodPost, kind+"-locker-tokens", `{"duration":300}`)
	if a.code == 200 {
		m := a.object(w.t)
		w.keys[kind] = append(w.keys[kind], [2]string{m["payload"].(string), m["payload_auth"].(string)})
	}
	w.expect(event, a.code == 200)
}

func (w *walker) useKey(kind string, event harbor.LockerEvent) {
	keys := w.keys[kind]
	if len(keys) == 0 {
		return
	}
	key := keys[len(keys)-1]
	w.keys[kind] = keys[:len(keys)-1]
	_, err := w.phone.Use(key[0], key[1])
	if err != nil {
		refused := errors.Is(err, harbortest.ErrRevoked) || errors.Is(err, harbortest.ErrExpired)
		require.True(w.t, refused, err)
		require.Equal(w.t, w.model, w.status(freeRef))
		return
	}
	require.Equal(w.t, w.model, w.status(freeRef), "Harbor must not know before the sync")
	require.NoError(w.t, w.phone.CloseDoor())
	w.expect(event, true)
}

func (w *walker) sync() {
	require.NoError(w.t, w.phone.Sync())
	if w.model == harbor.LockerStatusReleased {
		w.expect(harbor.LockerEventTowerSynced, true)
	}
	require.Equal(w.t, w.model, w.status(freeRef))
}

// wait lets everything that can run out do so.
func (w *walker) wait() {
	w.srv.Advance(time.Hour)
	w.bearer = w.srv.AccessToken("", harbor.ScopeServiceProvider)
	w.phone = w.srv.Phone(w.srv.AccessToken("", harbor.ScopeTowerAccess))
	switch w.model {
	case harbor.LockerStatusReserved:
		w.expect(harbor.LockerEventReservationExpired, true)
	case harbor.LockerStatusRented:
		w.expect(harbor.LockerEventDropoffTokenExpired, true)
	}
	require.Equal(w.t, w.model, w.status(freeRef), "nothing else runs out")
	w.connect()
}

func (w *walker) connect() {
	require.NoError(w.t, w.phone.Connect(tower))
	if w.model == harbor.LockerStatusReleased {
		w.expect(harbor.LockerEventTowerSynced, true)
	}
}

// link takes the locker by a link, which is the only free one of its kind by then.
func (w *walker) link(path, body string, event harbor.LockerEvent) {
	a := w.post(path, body)
	w.expect(event, a.code == 200)
}

func (w *walker) service(event harbor.LockerEvent) {
	next, err := w.model.Next(event)
	if err != nil {
		return
	}
	require.NoError(w.t, w.srv.SetStatus(freeRef, next, ""))
	require.NoError(w.t, w.phone.Sync())
	w.expect(event, true)
}

func (w *walker) step(n int) {
	switch n {
	case 0:
		w.expect(harbor.LockerEventReserve, w.ask(http.MethodPost, "reservations", `{"duration":300}`).code == 200)
	case 1:
		w.expect(harbor.LockerEventCancelReservation, w.ask(http.MethodDelete, "reservations", "").code == 200)
	case 2, 3:
		w.makeKey("dropoff", harbor.LockerEventCreateDropoffToken)
	case 4, 5:
		w.useKey("dropoff", harbor.LockerEventDropoffTokenUsed)
	case 6:
		w.expect(harbor.LockerEventRelease, w.ask(http.MethodPost, "release-locker", "{}").code == 200)
	case 7:
		w.makeKey("pickup", harbor.LockerEventCreatePickupToken)
	case 8:
		w.useKey("pickup", harbor.LockerEventPickupTokenUsed)
	case 9:
		w.sync()
	case 10:
		w.wait()
	case 11:
		w.link(dropoffLink, `{"locationId":1,"lockerTypeId":1}`, harbor.LockerEventCreateDropoffLink)
	case 12:
		w.link(pickupLink, `{"lockerId":950}`, harbor.LockerEventCreatePickupLink)
	case 13:
		w.service(harbor.LockerEventTakeOutOfService)
	case 14:
		w.service(harbor.LockerEventReturnToService)
	}
}

func TestServer_RandomWalkStaysInTheTable(t *testing.T) {
	t.Parallel()
	rows := map[harbor.Transition]bool{}
	for seed := range uint64(6) {
		w := &walker{
			partner: start(t, harbortest.WithLocations(harbortest.Location{ID: 1, Towers: []harbortest.Tower{{
				ID: tower, Lockers: []harbortest.Locker{{ID: 950, Name: "1", Type: harbortest.LockerType{ID: 1, Name: "small"}}},
			}}})),
			keys: map[string][][2]string{}, model: harbor.LockerStatusAvailable, rows: rows,
		}
		w.phone = w.srv.Phone(w.srv.AccessToken("", harbor.ScopeTowerAccess))
		w.connect()
		dice := rand.New(rand.NewPCG(seed, 7))
		for range 400 {
			w.step(dice.IntN(15))
		}
	}
	for _, row := range harbor.Transitions() {
		assert.True(t, rows[row], "never walked: %v", row)
	}
}

func TestSetStatus_SetsAnyStatus(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, from := range harbor.LockerStatuses() {
		for _, to := range harbor.LockerStatuses() {
			require.NoError(t, p.srv.SetStatus(freeRef, from, harbortest.DefaultClientID))
			require.NoError(t, p.srv.SetStatus(freeRef, to, harbortest.NeighbourClientID))
			v, _ := p.srv.Locker(freeRef)
			assert.Equal(t, to, v.Status)
			owned := to != harbor.LockerStatusAvailable && to != harbor.LockerStatusOutOfService
			assert.Equal(t, owned, v.Owner == harbortest.NeighbourClientID, "%s to %s", from, to)
		}
	}
	require.Error(t, p.srv.SetStatus(freeRef, "haunted", ""))
	require.Error(t, p.srv.SetStatus(freeRef, harbor.LockerStatusRented, "nobody"))
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusAvailable, ""))
	require.Error(t, p.srv.SetStatus(freeRef, harbor.LockerStatusRented, ""), "nobody has it")
	require.Error(t, p.srv.SetStatus(harbor.LockerRef{Tower: tower, Locker: 972}, harbor.LockerStatusAvailable, ""))
	require.Error(t, p.srv.ResetEvents("01000000000000ff"))
}

func TestSetStatus_StatusDoesNotExpire(t *testing.T) {
	t.Parallel()
	p := start(t)
	require.Equal(t, 200, p.post(lockerPath(free, "reservations"), reserve300).code)
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusReserved, ""))
	p.srv.Advance(time.Hour)
	assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef))
}

func TestSetStatus_EndsTokensWithTheNextSync(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusAvailable, ""))
	require.NoError(t, phone.Sync())
	_, err := phone.Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrRevoked)
}

func TestSetStatus_OutOfServiceOutlastsAPhone(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusOutOfService, ""))
	_, err := phone.Use(payload, auth)
	require.NoError(t, err, "the tower has not heard of it")
	require.NoError(t, phone.CloseDoor())
	assert.Equal(t, harbor.LockerStatusOutOfService, p.status(freeRef))
}

func TestResetEvents_ForgetsUnsyncedEvents(t *testing.T) {
	t.Parallel()
	for _, byHTTP := range []bool{false, true} {
		p := start(t)
		payload, auth := p.key(freeRef, "dropoff")
		phone := p.phone()
		_, err := phone.Use(payload, auth)
		require.NoError(t, err)
		if byHTTP {
			p.bearer = p.srv.AccessToken("", harbor.ScopeTowerAccess)
			a := p.post("/sdk/v1/towers/"+tower+"/reset-events", `{"reason":"mess"}`)
			require.Equal(t, 200, a.code, a.body)
			assert.Equal(t, tower, a.object(t)["id"])
		} else {
			require.NoError(t, p.srv.ResetEvents(tower))
		}
		require.NoError(t, phone.CloseDoor())
		assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef), "the drop-off is forgotten")
		v, _ := p.srv.Locker(freeRef)
		assert.True(t, v.Full, "but the parcel is there")
	}
}

func TestResetEvents_FreesAReleasedLocker(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.key(freeRef, "dropoff")
	require.Equal(t, 200, p.post(lockerPath(free, "release-locker"), `{}`).code)
	require.NoError(t, p.srv.ResetEvents(tower))
	p.phone()
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
}
