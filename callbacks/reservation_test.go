package callbacks_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestReservationChange_IsWrittenAsItWasRead(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		written, err := json.Marshal(decoded(t, s.valid))
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.ReplaceAll(strings.ReplaceAll(s.valid, "\n", ""), `": `, `":`); string(written) != want {
			t.Errorf("%s:\n got %s\nwant %s", s.name, written, want)
		}
	}
}

func TestReservations_KeyTellsAbsentFromNull(t *testing.T) {
	t.Parallel()
	feed := callbacks.Reservations()
	for _, name := range []string{"flowType", "barcodes", "docNumber", "blocked", "errorState", "startReservationDate", "expirationDate"} {
		missing, none := decoded(t, body("")), decoded(t, body(`"`+name+`":null`))
		if feed.Key(missing) == feed.Key(none) || feed.Slot(missing) != feed.Slot(none) {
			t.Errorf("%s: absent and null are one change", name)
		}
	}
}

func TestReservations_KeyHoldsEveryDecodedMember(t *testing.T) {
	t.Parallel()
	feed := callbacks.Reservations()
	base := decoded(t, prereservationSample)
	edits := map[string]func(*change){
		"reservationId": func(c *change) { c.ReservationID += "x" },
		"status":        func(c *change) { c.Status = callbacks.StatusReturned },
		"changeTime":    func(c *change) { c.ChangeTime = c.ChangeTime.Add(1) },
		"flowType":      func(c *change) { c.FlowType = callbacks.Some(callbacks.FlowTypeOutlet) },
		"barcodes":      func(c *change) { c.Barcodes = callbacks.Some([]string{"7032102989999912", ""}) },
		"docNumber":     func(c *change) { c.DocNumber = callbacks.Null[string]() },
		"blocked":       func(c *change) { c.Blocked = callbacks.Optional[bool]{} },
		"errorState":    func(c *change) { c.ErrorState = callbacks.Some(callbacks.ErrorStateSlotNotFound) },
		"start":         func(c *change) { c.StartReservationDate = callbacks.Null[time.Time]() },
		"expiration":    func(c *change) { c.ExpirationDate = callbacks.Some(base.ChangeTime) },
	}
	identity := map[string]bool{"reservationId": true, "status": true, "changeTime": true}
	seen := map[callbacks.Key]string{feed.Key(base): "base"}
	for name, edit := range edits {
		edited := base
		edit(&edited)
		if other, taken := seen[feed.Key(edited)]; taken {
			t.Errorf("%s and %s have one key", name, other)
		}
		seen[feed.Key(edited)] = name
		if (feed.Slot(edited) != feed.Slot(base)) != identity[name] {
			t.Errorf("%s: wrong slot", name)
		}
	}
	if members := reflect.TypeFor[change]().NumField() - len([]string{"Raw", "Repaired"}); members != len(edits) {
		t.Errorf("%d members, %d of them tested: the key must hold each", members, len(edits))
	}
}

func TestOptional_KeepsAbsentNullAndValueApart(t *testing.T) {
	t.Parallel()
	type holder struct {
		X callbacks.Optional[int] `json:"x,omitzero"`
	}
	for text, want := range map[string]struct {
		absent, null, value bool
		printed             string
	}{
		`{}`:         {true, false, false, "absent"},
		`{"x":null}`: {false, true, false, "null"},
		`{"x":0}`:    {false, false, true, "0"},
	} {
		var h holder
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			t.Fatal(err)
		}
		_, ok := h.X.Get()
		if h.X.IsAbsent() != want.absent || h.X.IsNull() != want.null || ok != want.value || h.X.String() != want.printed {
			t.Errorf("%s: %v", text, h.X)
		}
		if written, err := json.Marshal(h); err != nil || string(written) != text {
			t.Errorf("%s written as %s, %v", text, written, err)
		}
	}
}

func TestOptionalOr_FallsBackWithoutAValue(t *testing.T) {
	t.Parallel()
	if callbacks.Some(0).Or(7) != 0 || callbacks.Null[int]().Or(7) != 7 || (callbacks.Optional[int]{}).Or(7) != 7 {
		t.Error("wrong fallback")
	}
}

func TestOptional_KeepsItsValueWhenReadingFails(t *testing.T) {
	t.Parallel()
	o := callbacks.Some(3)
	if err := json.Unmarshal([]byte(`"x"`), &o); err == nil || o != callbacks.Some(3) {
		t.Errorf("%v, %v", o, err)
	}
}
