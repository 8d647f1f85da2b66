package harbor_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// seeds adds the fixtures and what mutates them best.
func seeds(f *testing.F, more ...string) {
	f.Helper()
	for _, name := range []string{
		"location", "locations", "locations_area", "availability", "lockers", "locker", "reservation", "locker_token", "link", "user_token", "locker_types",
	} {
		f.Add(fixture(f, name))
	}
	for _, s := range append(more, `{"items":[]}`, `[null]`, `{}`, `null`, `{"detail":[{"loc":["body",0],"msg":"x"}]}`, `{"id":1e400}`) {
		f.Add([]byte(s))
	}
}

// fuzzModel decodes anything into a model: no panic, and what was read is written and
// read again as the same.
func fuzzModel[T any](f *testing.F, has func(T) bool) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var v T
		if json.Unmarshal(b, &v) != nil || strings.TrimSpace(string(b)) == "null" {
			return
		}
		if !has(v) {
			t.Fatalf("%s has no identity: %+v", b, v)
		}
		first, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		var again T
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		second, err := json.Marshal(again)
		if err != nil || string(first) != string(second) {
			t.Fatalf("%s became %s", first, second)
		}
	})
}

func FuzzLocker(f *testing.F) { fuzzModel(f, func(harbor.Locker) bool { return true }) }

func FuzzLocation(f *testing.F) { fuzzModel(f, func(harbor.Location) bool { return true }) }

func FuzzAvailability(f *testing.F) { fuzzModel(f, func(harbor.Availability) bool { return true }) }

func FuzzLockerToken(f *testing.F) {
	fuzzModel(f, func(t harbor.LockerToken) bool { return t.Payload != "" && t.PayloadAuth != "" })
}

func FuzzLink(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var l harbor.Link
		if json.Unmarshal(b, &l) == nil && strings.TrimSpace(string(b)) != "null" && !json.Valid(l.Raw) {
			t.Fatalf("%s: raw is %s", b, l.Raw)
		}
	})
}

func FuzzReservation(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var r harbor.Reservation
		if json.Unmarshal(b, &r) == nil && strings.TrimSpace(string(b)) != "null" && !json.Valid(r.Raw) {
			t.Fatalf("%s: raw is %s", b, r.Raw)
		}
	})
}

// FuzzAnswers gives any answer to every operation: a result or a typed error in one line.
func FuzzAnswers(f *testing.F) {
	seeds(f, "<html>", "[{", `{"items":[{"id":1}]}`, `{"detail":"No locker available"}`)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, status := range []int{200, 422} {
			m := newMock(t)
			m.answer(status, string(b))
			c := m.client(t)
			for _, o := range operations() {
				_, err := o.call(t.Context(), c)
				if err == nil {
					if status == 422 {
						t.Fatalf("%s took a refusal for success: %q", o.name, b)
					}
					continue
				}
				e, ok := errors.AsType[*lockerline.Error](err)
				if !ok || e.StatusCode != status || strings.ContainsAny(err.Error(), "\r\n") {
					t.Fatalf("%s: %v", o.name, err)
				}
				if len([]rune(e.Detail)) > 300 {
					t.Fatalf("%s: detail is %d characters", o.name, len([]rune(e.Detail)))
				}
			}
		}
	})
}
