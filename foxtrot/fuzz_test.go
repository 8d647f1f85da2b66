package foxtrot_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// seeds adds every fixture, whole and each object in it.
func seeds(f *testing.F) {
	f.Helper()
	for _, op := range foxtrot.Operations() {
		raw := fixture(f, op.Name)
		f.Add([]byte(raw))
		var top any
		if json.Unmarshal([]byte(raw), &top) != nil {
			continue
		}
		var add func(any)
		add = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				b, _ := json.Marshal(v)
				f.Add(b)
				for _, inner := range v {
					add(inner)
				}
			case []any:
				for _, inner := range v {
					add(inner)
				}
			}
		}
		add(top)
	}
	for _, s := range []string{``, `null`, `{}`, `[]`, `"x"`, `{"id":1e400}`, `{"data":{"route":null}}`, `{"status":"pending"}`, strings.Repeat(`{"data":`, 100)} {
		f.Add([]byte(s))
	}
}

// fuzzModel checks that a model which was read can be written, and read again to the same.
func fuzzModel[T any](f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%q was read, and cannot be written: %v", raw, err)
		}
		var again T
		if err := json.Unmarshal(out, &again); err != nil {
			t.Fatalf("%q was written as %s, and cannot be read: %v", raw, out, err)
		}
		twice, err := json.Marshal(again)
		if err != nil || string(twice) != string(out) {
			t.Fatalf("%q was written as %s, then as %s (%v)", raw, out, twice, err)
		}
	})
}

func FuzzCustomer(f *testing.F)       { fuzzModel[foxtrot.Customer](f) }
func FuzzWaypoint(f *testing.F)       { fuzzModel[foxtrot.Waypoint](f) }
func FuzzRoute(f *testing.F)          { fuzzModel[foxtrot.Route](f) }
func FuzzCompletionTime(f *testing.F) { fuzzModel[foxtrot.CompletionTime](f) }
func FuzzDelivery(f *testing.F)       { fuzzModel[foxtrot.WaypointDelivery](f) }
func FuzzDriver(f *testing.F)         { fuzzModel[foxtrot.Driver](f) }
func FuzzDC(f *testing.F)             { fuzzModel[foxtrot.DC](f) }
func FuzzWebhook(f *testing.F)        { fuzzModel[foxtrot.Webhook](f) }

// FuzzAnswer gives every operation any body with any status, and demands a result or an
// *Error in one line.
func FuzzAnswer(f *testing.F) {
	for i, op := range foxtrot.Operations() {
		raw := fixture(f, op.Name)
		f.Add(uint8(i), uint16(200), []byte(raw))
		f.Add(uint8(i), uint16(200), []byte(raw[:len(raw)/2]))
		f.Add(uint8(i), uint16(400), []byte(`{"status":"error","data":{"code":"7001","message":"m","errors":[{"message":"e"}]}}`))
	}
	f.Add(uint8(0), uint16(202), []byte(`{"status":"pending","data":{}}`))
	ops := foxtrot.Operations()
	f.Fuzz(func(t *testing.T, i uint8, status uint16, body []byte) {
		op := ops[int(i)%len(ops)]
		code := 200 + int(status)%400
		c := over(t, answer(code, string(body)))
		got, err := calls[op.Name](t.Context(), c, lockerline.NoRetry())
		if err == nil {
			if code >= 300 {
				t.Fatalf("%s took status %d for a success", op.Name, code)
			}
			if v := reflect.ValueOf(got); op.Name != "webhooks.delete" && v.Kind() == reflect.Struct && v.IsZero() && op.Name != "routes.waypoint" && op.Name != "routes.completion_time" && op.Name != "customers.confident_location" && op.Name != "drivers.location" {
				t.Fatalf("%s made an empty %T of %q", op.Name, got, body)
			}
			return
		}
		var e *lockerline.Error
		if !errors.As(err, &e) || e.StatusCode != code || e.Op != op.Name {
			t.Fatalf("%s with %d: %T %v", op.Name, code, err, err)
		}
		if strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 400 {
			t.Fatalf("not one line: %q", err.Error())
		}
		lockerline.Retryable(err)
	})
}

func FuzzWebhookEvent(f *testing.F) {
	seeds(f)
	f.Add([]byte(`{"event":"ROUTE_CREATED","hook_timestamp_millis":1760000000000,"dc_id":"dc-1","route_id":"r1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := foxtrot.DecodeWebhook(raw)
		if err != nil {
			var bad *lockerline.DecodeError
			if !errors.As(err, &bad) {
				t.Fatalf("%T", err)
			}
			return
		}
		if e.Type == "" || e.Group() == "" {
			t.Fatalf("an event without a type or group of %q", raw)
		}
		again, err := foxtrot.DecodeWebhook(e.Raw)
		if err != nil || !reflect.DeepEqual(again.Identity(), e.Identity()) || again.Group() != e.Group() || !again.Time().Equal(e.Time()) {
			t.Fatalf("%q reads differently the second time: %v", raw, err)
		}
	})
}
