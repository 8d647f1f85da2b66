package wall

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestState_HasItsDocumentedForm(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{})
	rec := get(t, w, "/_wall/state")
	assert.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	var got map[string]any
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &got))
	assert.Len(t, got["shape"], 16)
	got["shape"] = ""
	want := `{
	  "now": "2026-01-05T09:00:00Z", "stale": false, "shape": "",
	  "towers": [{
	    "id": "0100000000000175", "name": "Tower 175", "place": "Grand Park Garage",
	    "doors": [
	      {"tower": "0100000000000175", "locker": 948, "number": "1", "size": "small", "column": 0, "units": 2,
	       "status": "available", "known": true, "label": "Available", "text": "Door 1, small, available",
	       "door_open": false, "full": false, "unsynced": false},
	      {"tower": "0100000000000175", "locker": 949, "number": "2", "size": "large", "low": true, "column": 0, "units": 4,
	       "status": "reserved", "known": true, "label": "Reserved", "text": "Door 2, large, reserved, low",
	       "owner": "somebody", "until": "2026-01-05T09:01:00Z",
	       "door_open": false, "full": false, "unsynced": false}
	    ]
	  }]
	}`
	again, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, want, string(again))
}

func TestDetail_HasHistoryAndWhatMayHappenNext(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	for _, s := range []harbor.LockerStatus{harbor.LockerStatusReserved, harbor.LockerStatusOccupied, harbor.LockerStatusRented} {
		source.set(948, s)
		require.NoError(t, w.Look(t.Context()))
	}
	rec := get(t, w, "/_wall/doors/0100000000000175/948")
	require.Equal(t, http.StatusOK, rec.Code)
	var d Detail
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &d))
	var seen []string
	for _, h := range d.History {
		seen = append(seen, string(h.Kind)+": "+h.Label+": "+h.Text)
	}
	assert.Equal(t, []string{
		"impossible: Rented: set by hand, or much was not seen",
		"skipped: Occupied: create drop-off token, then drop-off token used (steps not seen)",
		"legal: Reserved: reserve",
		"first: Available: first seen",
	}, seen)
	var next []harbor.LockerEvent
	for _, n := range d.Next {
		next = append(next, n.Event)
		to, err := harbor.LockerStatusRented.Next(n.Event)
		require.NoError(t, err)
		assert.Equal(t, to, n.To)
		assert.False(t, n.Can, "a wall without actions only shows")
	}
	assert.Equal(t, harbor.LockerStatusRented.Events(), next)
}

func TestDetail_TowerMayBeNamedInEitherCase(t *testing.T) {
	t.Parallel()
	source := &fake{lockers: []Locker{{Ref: harbor.LockerRef{Tower: "01000000000001A3", Locker: 7}, Status: harbor.LockerStatusAvailable}}}
	w := newWall(t, source, Options{})
	assert.Equal(t, http.StatusOK, get(t, w, "/_wall/doors/01000000000001A3/7").Code)
	assert.Equal(t, http.StatusOK, get(t, w, "/_wall/doors/01000000000001a3/7").Code)
	assert.Contains(t, get(t, w, "/_wall/state").Body.String(), `"name":"Tower 1A3"`)
}

func TestDetail_MissingDoorIsNotFoundInHarborsForm(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{})
	for _, path := range []string{"/_wall/doors/0100000000000175/1", "/_wall/doors/x/y", "/_wall/static/wall.go", "/_wall/static/page.html"} {
		rec := get(t, w, path)
		assert.Equal(t, http.StatusNotFound, rec.Code, path)
		assert.Contains(t, rec.Body.String(), `"detail"`, path)
	}
}

func TestState_UnknownStatusIsShownAsItCame(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	source.set(948, "defrosting <b>")
	w := newWall(t, source, Options{})
	page := get(t, w, "/").Body.String()
	assert.Contains(t, page, `data-status="defrosting &lt;b&gt;"`)
	assert.Contains(t, page, "#i-unknown")
	var d Detail
	require.NoError(t, json.Unmarshal(get(t, w, "/_wall/doors/0100000000000175/948").Body.Bytes(), &d))
	assert.False(t, d.Door.Known)
	assert.Empty(t, d.Next)
}

func TestReset_ForgetsTheHistory(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	source.set(948, harbor.LockerStatusReserved)
	require.NoError(t, w.Look(t.Context()))
	w.Reset()
	require.NoError(t, w.Look(t.Context()))
	var d Detail
	require.NoError(t, json.Unmarshal(get(t, w, "/_wall/doors/0100000000000175/948").Body.Bytes(), &d))
	assert.Len(t, d.History, 1)
}
