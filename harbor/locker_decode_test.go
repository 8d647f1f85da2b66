package harbor_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// Where the sources disagree, or say nothing, each form that may come is read.
func TestLocker_IsReadInEveryForm(t *testing.T) {
	t.Parallel()
	want := docLocker(harbor.LockerStatusReleased, 5, "public")
	for name, body := range map[string]string{
		"documented":     `{"id":959,"name":"14","towerId":"0100000000000014","status":{"name":"released","id":5},"type":{"name":"small","id":1},"accessMode":"public"}`,
		"snake":          `{"id":959,"name":"14","is_low_locker":false,"tower_id":"0100000000000014","status":{"name":"released","id":5},"locker_type":{"name":"small","id":1},"access_mode":"public"}`,
		"declined":       `{"id":959,"name":"14","towerId":"0100000000000014","status":{"name":"Declined","id":5},"lockerType":{"name":"small","id":1},"accessMode":"public"}`,
		"upper case":     `{"id":959,"name":"14","towerId":" 0100000000000014","status":{"name":"RELEASED","id":"5"},"type":{"displayName":"small","id":"1"},"accessMode":"public"}`,
		"ids as text":    `{"id":"959","name":14,"towerId":"0100000000000014","status":{"name":"released","id":5},"type":{"name":"small","id":1},"accessMode":"public"}`,
		"other id":       `{"lockerId":959,"name":"14","towerId":"0100000000000014","status":{"name":"released","id":5},"type":{"name":"small","id":1},"accessMode":"public"}`,
		"beside tower":   `{"tower":{"id":"0100000000000014"},"locker":{"id":959,"name":"14","status":{"name":"released","id":5},"type":{"name":"small","id":1},"accessMode":"public"}}`,
		"extra keys":     `{"new":{"a":[1]},"id":959,"name":"14","towerId":"0100000000000014","status":{"name":"released","id":5,"since":1},"type":{"name":"small","id":1,"w":2},"accessMode":"public"}`,
		"number as 959.": `{"id":959.0,"name":"14","towerId":"0100000000000014","status":{"name":"released","id":5},"type":{"name":"small","id":1},"accessMode":"public"}`,
	} {
		var got harbor.Locker
		require.NoError(t, json.Unmarshal([]byte(body), &got), name)
		assert.Equal(t, want, got, name)
		b, err := json.Marshal(got)
		require.NoError(t, err)
		var again harbor.Locker
		require.NoError(t, json.Unmarshal(b, &again), name)
		assert.Equal(t, got, again, "%s: what is stored can be read again", name)
	}
	var bare harbor.Locker
	require.NoError(t, json.Unmarshal([]byte(`{"id":1,"status":"out of service"}`), &bare))
	assert.Equal(t, harbor.Locker{ID: 1, Status: harbor.LockerStatusOutOfService}, bare)
	require.NoError(t, json.Unmarshal([]byte(`{"id":1,"status":{"name":"In Repair","id":77}}`), &bare))
	assert.Equal(t, harbor.Locker{ID: 1, Status: "In Repair", StatusID: 77}, bare)
	for _, none := range []string{`{}`, `null`, `{"id":null}`, `{"name":"14"}`, `{"id":""}`, `{"id":"x"}`, `{"id":1.5}`, `{"locker":{}}`, `[]`, `5`} {
		assert.Error(t, json.Unmarshal([]byte(none), new(harbor.Locker)), none)
	}
}

func TestAvailability_IsReadInEveryForm(t *testing.T) {
	t.Parallel()
	want := docAvailability()
	for name, body := range map[string]string{
		"observed": string(fixture(t, "availability")),
		"snake":    `{"locker_availability":{"available_lockers":5,"total_lockers":12},"by_type":[{"locker_type":{"id":1,"name":"small"},"locker_availability":{"available_lockers":3,"total_lockers":8}},{"locker_type":{"id":2,"name":"medium"},"locker_availability":{"available_lockers":2,"total_lockers":4}}]}`,
		"bare":     `[{"lockerType":{"id":1,"name":"small"},"availableCount":3,"total":8},{"lockerType":{"id":2,"name":"medium"},"availableCount":2,"total":4}]`,
		"no sum":   `{"byType":[{"type":{"id":1,"name":"small"},"available":3,"total":8},{"type":{"id":2,"name":"medium"},"available":2,"total":4}]}`,
	} {
		var got harbor.Availability
		require.NoError(t, json.Unmarshal([]byte(body), &got), name)
		assert.Equal(t, want, got, name)
	}
	b, err := json.Marshal(want)
	require.NoError(t, err)
	var again harbor.Availability
	require.NoError(t, json.Unmarshal(b, &again))
	assert.Equal(t, want, again)
}

func TestLocation_MissingAndOddMembersCostThemselves(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no availability":     `{"id":1,"availability":null}`,
		"odd availability":    `{"id":1,"availability":"plenty"}`,
		"no count":            `{"id":1,"availability":{}}`,
		"odd counts":          `{"id":1,"lockerAvailability":{},"byType":[{}]}`,
		"beside availability": `{"location":{"id":1},"availability":{"x":1}}`,
		"coordinates as text": `{"id":"1","lat":"","lon":null,"zip":90012}`,
	} {
		var got harbor.Location
		require.NoError(t, json.Unmarshal([]byte(body), &got), name)
		assert.EqualValues(t, 1, got.ID, name)
		assert.Nil(t, got.Availability, name)
		_, ok := got.Position()
		assert.False(t, ok, name)
	}
	for zone, known := range map[string]bool{"America/New_York": true, "US/Eastern": true, "EST": true, "CST6CDT": true, " PST8PDT ": true, "Mars/Base": false, "": false} {
		l := harbor.Location{Timezone: &zone}
		tz, ok := l.TimeZone()
		assert.Equal(t, known, ok, zone)
		assert.NotNil(t, tz)
	}
	tz, ok := harbor.Location{}.TimeZone()
	assert.False(t, ok)
	assert.Equal(t, time.UTC, tz)
	full := docLocation("EST")
	b, err := json.Marshal(full)
	require.NoError(t, err)
	var again harbor.Location
	require.NoError(t, json.Unmarshal(b, &again))
	assert.Equal(t, full, again)
}

// The write has had its effect: only what opens the door must be there.
func TestOperations_OddMembersDoNotFailAWrite(t *testing.T) {
	t.Parallel()
	for _, locker := range []string{`null`, `{}`, `959`, `"14"`, `[]`, `{"id":[]}`} {
		var token harbor.LockerToken
		require.NoError(t, json.Unmarshal([]byte(`{"locker":`+locker+`,"payload":"0b","payload_auth":"a1","expires":{"odd":1}}`), &token), locker)
		assert.Nil(t, token.Locker)
		assert.True(t, token.ExpiresAt.IsZero())
		var link harbor.Link
		require.NoError(t, json.Unmarshal([]byte(`{"id":1,"locker":`+locker+`,"link_token":"x"}`), &link), locker)
		assert.Equal(t, "x", link.LinkToken)
	}
	var link harbor.Link
	require.NoError(t, json.Unmarshal([]byte(`{"id":"210","locker":{"id":959,"towerId":"0100000000000014"}}`), &link))
	assert.Equal(t, docRef, link.Locker)
	for _, odd := range []string{
		`{"id":"3f1c-uuid","expires":"in five minutes"}`, `{"id":{},"expires":[]}`, `{"reservation_id":null}`, `{"msg":"ok"}`, `{"error":null}`, `{}`,
	} {
		var r harbor.Reservation
		require.NoError(t, json.Unmarshal([]byte(odd), &r), odd)
		assert.Nil(t, r.ID)
		assert.True(t, r.ExpiresAt.IsZero())
		assert.JSONEq(t, odd, string(r.Raw))
	}
	var r harbor.Reservation
	require.NoError(t, json.Unmarshal([]byte(`{"id":"52","expires_at":"2025-04-01 16:12:57"}`), &r))
	assert.EqualValues(t, 52, *r.ID)
	assert.Equal(t, time.Date(2025, 4, 1, 16, 12, 57, 0, time.UTC), r.ExpiresAt)
	for _, refused := range []string{`{"detail":"x"}`, `{"error":"x"}`, `[]`, `null`, `5`} {
		err := json.Unmarshal([]byte(refused), new(harbor.Reservation))
		assert.Equal(t, refused == "null", err == nil, refused)
	}
}

func TestLocationsAll_EndsOnEveryAnswer(t *testing.T) {
	t.Parallel()
	const a, b, c = `{"id":1}`, `{"id":2}`, `{"id":3}`
	for name, tc := range map[string]struct {
		limit int
		pages map[string]string // by skip
		ids   []harbor.LocationID
		stuck bool
	}{
		"short page":       {2, map[string]string{"0": a + "," + b, "2": c, "3": ""}, []harbor.LocationID{1, 2, 3}, false},
		"server's own cap": {100, map[string]string{"0": a, "1": b, "2": c, "3": ""}, []harbor.LocationID{1, 2, 3}, false},
		"rows move":        {2, map[string]string{"0": a + "," + b, "2": b + "," + c, "4": ""}, []harbor.LocationID{1, 2, 3}, false},
		"empty":            {0, map[string]string{"0": ""}, nil, false},
		"skip is ignored":  {2, map[string]string{"0": a + "," + b, "2": a + "," + b}, []harbor.LocationID{1, 2}, true},
		"ignored, but all": {0, map[string]string{"0": a + "," + b, "2": a + "," + b}, []harbor.LocationID{1, 2}, false},
	} {
		m := newMock(t)
		m.respond(pages(tc.pages))
		var ids []harbor.LocationID
		var last error
		for l, err := range m.client(t).Locations.All(t.Context(), tc.limit) {
			if last = err; err == nil {
				ids = append(ids, l.ID)
			}
		}
		assert.Equal(t, tc.ids, ids, name)
		assert.Equal(t, tc.stuck, isErr(last, harbor.ErrListStuck), "%s: %v", name, last)
	}
	m := newMock(t)
	m.respond(pages(map[string]string{"0": a, "1": `<`}))
	n := 0
	for _, err := range m.client(t).Locations.All(t.Context(), 1) {
		n++
		assert.Equal(t, n == 2, err != nil, "what came before an error is delivered")
	}
	assert.Equal(t, 2, n)
	for _, err := range m.client(t).Locations.All(t.Context(), -1) {
		requireAs[*lockerline.ArgumentError](t, err)
	}
	m.requests = nil
	for range m.client(t).Locations.All(t.Context(), 1) {
		break
	}
	assert.Len(t, m.requests, 1, "a loop that is left asks no more")
}

func TestLists_AreReadInEveryEnvelope(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`[]`: true, `{"items":[]}`: true, `{"items":[],"total":0,"links":[]}`: true, `{"data":[],"total":0}`: true, " \ufeff[]": false,
		`{"a":[],"b":[]}`: false, `{"items":null}`: false, `{"detail":[]}`: false, `{"id":1,"byType":[]}`: false, `{"errors":[]}`: false,
	} {
		m := newMock(t)
		m.answer(200, body)
		got, err := m.client(t).Lockers.Assigned(t.Context())
		assert.Equal(t, ok, err == nil, "%s: %v", body, err)
		assert.Equal(t, ok, got != nil && len(got) == 0, "an empty list is not nil")
	}
	m := newMock(t)
	m.answer(200, "\ufeff"+strings.ReplaceAll(string(fixture(t, "lockers")), "{", " {\r\n"))
	got, err := m.client(t).Lockers.Assigned(t.Context())
	require.NoError(t, err)
	assert.Len(t, got, 1)
}
