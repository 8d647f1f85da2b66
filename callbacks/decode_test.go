package callbacks_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestDocumentedExamplesDecodeAsPrinted(t *testing.T) {
	t.Parallel()
	changed := time.Date(2022, 12, 30, 13, 0, 32, 420_000_000, time.UTC)
	backFlow := change{
		ReservationID: "hMg8VDP8oldBNVgAOBvH", Status: callbacks.StatusReturning, ChangeTime: changed,
		FlowType:  callbacks.Some(callbacks.FlowTypeInlet),
		Barcodes:  callbacks.Some([]string{"7032102989999912"}),
		DocNumber: callbacks.Some("hMg8VDP8oldBNVgAOBvH"),
		Blocked:   callbacks.Some(false), ErrorState: callbacks.Null[callbacks.ErrorState](),
	}
	prereservation := backFlow
	prereservation.StartReservationDate = callbacks.Some(changed.Add(24 * time.Hour))
	prereservation.ExpirationDate = callbacks.Some(changed.Add(30 * time.Hour))
	want := map[string]change{
		"basic": {
			ReservationID: "91fcb674-bfbc-4f88-9bef-9651874e8126", Status: callbacks.StatusPickedUp,
			ChangeTime: time.Date(2021, 10, 20, 8, 31, 58, 113_000_000, time.UTC),
		},
		"back-flow":      backFlow,
		"prereservation": prereservation,
	}
	for _, s := range samples {
		for _, text := range []string{s.printed, s.valid} {
			got := decoded(t, text)
			expected := want[s.name]
			expected.Raw = []byte(text)
			expected.Repaired = !json.Valid([]byte(text))
			if !reflect.DeepEqual(got, expected) {
				t.Errorf("%s:\n got %+v\nwant %+v", s.name, got, expected)
			}
		}
	}
}

func TestRepairChangesNothingButTheFlag(t *testing.T) {
	t.Parallel()
	feed := callbacks.Reservations()
	for _, s := range samples {
		printed, valid := decoded(t, s.printed), decoded(t, s.valid)
		if feed.Key(printed) != feed.Key(valid) {
			t.Errorf("%s: the comma changes the identity", s.name)
		}
		if string(printed.Raw) != s.printed {
			t.Errorf("%s: the raw body was changed to %s", s.name, printed.Raw)
		}
	}
}

func TestChangeIsWrittenAsItWasRead(t *testing.T) {
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

func TestDecodeErrorNamesTheMemberAndNothingElse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                                       "decode reservation change: body is empty",
		`null`:                                   "decode reservation change: body is not a JSON object",
		`"s3cret"`:                               "decode reservation change: body is not a JSON object",
		`{"s3cret":`:                             "decode reservation change: body is not JSON (at byte 10)",
		`{}`:                                     "decode reservation change: reservationId is missing",
		body(`"reservationId":""`):               "decode reservation change: reservationId is empty",
		body(`"reservationId":"\ud800"`):         "decode reservation change: reservationId has a broken character escape",
		body(`"status":null`):                    "decode reservation change: status is null",
		body(`"status":["s3cret"]`):              "decode reservation change: status is an array, expected a string",
		body(`"changeTime":"s3cret"`):            "decode reservation change: changeTime is not a time of RFC 3339",
		body(`"changeTime":12345`):               "decode reservation change: changeTime is a number, expected a string with a time",
		body(`"blocked":"s3cret"`):               "decode reservation change: blocked is a string, expected a boolean",
		body(`"barcodes":[{"s3cret":1}]`):        "decode reservation change: barcodes has an element that is an object, expected a string",
		body(`"barcodes":["\udfff"]`):            "decode reservation change: barcodes has an element that has a broken character escape",
		body(`"changeTime":"\udfff"`):            "decode reservation change: changeTime has a broken character escape",
		body(`"docNumber":true`):                 "decode reservation change: docNumber is a boolean, expected a string",
		body(`"x":"` + "\xff" + `s3cret"`):       "decode reservation change: body is not UTF-8 text",
		changedAt(`"9999-12-31T23:59:59-01:00"`): "decode reservation change: changeTime is outside the years 0 to 9999",
		`{"customerInput":"s3cret","boxId":20}`: "decode reservation change: reservationId is missing; this looks like " +
			"the validation webhook, which waits for a verdict and needs an endpoint of its own",
	} {
		_, err := callbacks.Decode([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %v", text, err, want)
		}
		if _, ok := errors.AsType[*callbacks.BodyError](err); !ok {
			t.Errorf("%s: %T is not a *BodyError", text, err)
		}
	}
}

func TestEscapedTextIsReadAsText(t *testing.T) {
	t.Parallel()
	c := decoded(t, body(`"reservationId":"\u017elu\u0165 \ud83d\udc0e \ufffd","status":"STOC\u004bED","changeTime":"2022-12-30T13:00:32\u005a","barcodes":["\"\\"]`))
	if c.ReservationID != "žluť 🐎 \ufffd" || c.Status != callbacks.StatusStocked || c.Barcodes.Or(nil)[0] != `"\` {
		t.Errorf("%+v", c)
	}
}

func TestLastOfDoubledMembersCounts(t *testing.T) {
	t.Parallel()
	c := decoded(t, body(`"status":3,"status":"PICKED_UP","blocked":"x","blocked":true,"barcodes":1,"barcodes":null`))
	if c.Status != callbacks.StatusPickedUp || !c.Blocked.Or(false) || !c.Barcodes.IsNull() {
		t.Errorf("%+v", c)
	}
}

func TestIdentityTellsAbsentFromNull(t *testing.T) {
	t.Parallel()
	feed := callbacks.Reservations()
	for _, name := range []string{"flowType", "barcodes", "docNumber", "blocked", "errorState", "startReservationDate", "expirationDate"} {
		missing, none := decoded(t, body("")), decoded(t, body(`"`+name+`":null`))
		if feed.Key(missing) == feed.Key(none) || feed.Slot(missing) != feed.Slot(none) {
			t.Errorf("%s: absent and null are one change", name)
		}
	}
}

func TestIdentityHoldsEveryDecodedMember(t *testing.T) {
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
