package wall

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

// doer reserves, and cannot cancel.
type doer struct{ source *fake }

func (d doer) Can(_ harbor.LockerRef, s harbor.LockerStatus) []harbor.LockerEvent {
	if s == harbor.LockerStatusAvailable {
		return []harbor.LockerEvent{harbor.LockerEventReserve}
	}
	return []harbor.LockerEvent{harbor.LockerEventCancelReservation}
}

func (d doer) Do(_ context.Context, ref harbor.LockerRef, e harbor.LockerEvent) error {
	if e != harbor.LockerEventReserve {
		return errors.New("nobody\nis there")
	}
	d.source.set(ref.Locker, harbor.LockerStatusReserved)
	return nil
}

func act(w *Wall, locker, contentType, body string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/_wall/doors/0100000000000175/"+locker+"/events", strings.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, req)
	return rec
}

const asJSON = "application/json"

func TestActions_ClickBringsAnEventAbout(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{Actions: doer{source}})
	assert.Contains(t, get(t, w, "/_wall/doors/0100000000000175/948").Body.String(), `{"event":"reserve","label":"reserve","to":"reserved","to_label":"Reserved","can":true}`)
	require.Equal(t, http.StatusNoContent, act(w, "948", asJSON, `{"event":"reserve"}`).Code)
	assert.Contains(t, get(t, w, "/_wall/doors/0100000000000175/948").Body.String(), `"status":"reserved"`, "the wall has looked")
}

func TestActions_RefusalSaysWhy(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{Actions: doer{source}})
	for _, c := range []struct {
		locker, kind, body string
		want               int
	}{
		{"948", asJSON, `{"event":"release"}`, http.StatusConflict},
		{"948", asJSON, `{"event":"cancel_reservation"}`, http.StatusConflict},
		{"948", asJSON, `{`, http.StatusBadRequest},
		{"948", "text/plain", `{"event":"reserve"}`, http.StatusUnsupportedMediaType},
		{"1", asJSON, `{"event":"reserve"}`, http.StatusNotFound},
	} {
		assert.Equal(t, c.want, act(w, c.locker, c.kind, c.body).Code, c.body)
	}
	rec := act(w, "949", asJSON, `{"event":"cancel_reservation"}`)
	assert.Equal(t, http.StatusConflict, rec.Code)
	assert.JSONEq(t, `{"detail":"nobody; is there"}`, rec.Body.String())
}

func TestWall_WithoutActionsOnlyShows(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	assert.Equal(t, http.StatusNotFound, act(w, "948", asJSON, `{"event":"reserve"}`).Code)
}

func TestActions_AnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{Actions: doer{source}})
	rec := act(w, "948", asJSON, `{"event":"reserve"}`, "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example")
	assert.Equal(t, http.StatusForbidden, rec.Code)
	assert.Contains(t, get(t, w, "/_wall/doors/0100000000000175/948").Body.String(), `"status":"available"`)
	assert.Equal(t, http.StatusNoContent, act(w, "948", asJSON, `{"event":"reserve"}`, "Sec-Fetch-Site", "same-origin").Code)
}
