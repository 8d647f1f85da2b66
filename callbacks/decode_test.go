package callbacks_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestDecode_DocumentedExamplesAsPrinted(t *testing.T) {
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

func TestDecode_RepairChangesNothingButTheFlag(t *testing.T) {
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

func TestBodyError_NamesTheMemberAndNothingElse(t *testing.T) {
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

func TestDecode_EscapedTextIsText(t *testing.T) {
	t.Parallel()
	c := decoded(t, body(`"reservationId":"\u017elu\u0165 \ud83d\udc0e \ufffd","status":"STOC\u004bED","changeTime":"2022-12-30T13:00:32\u005a","barcodes":["\"\\"]`))
	if c.ReservationID != "žluť 🐎 \ufffd" || c.Status != callbacks.StatusStocked || c.Barcodes.Or(nil)[0] != `"\` {
		t.Errorf("%+v", c)
	}
}

func TestDecode_LastOfDoubledMembersCounts(t *testing.T) {
	t.Parallel()
	c := decoded(t, body(`"status":3,"status":"PICKED_UP","blocked":"x","blocked":true,"barcodes":1,"barcodes":null`))
	if c.Status != callbacks.StatusPickedUp || !c.Blocked.Or(false) || !c.Barcodes.IsNull() {
		t.Errorf("%+v", c)
	}
}

// plainChange is what a partner would write without this package; it is the baseline.
type plainChange struct {
	ReservationID        string     `json:"reservationId"`
	Status               string     `json:"status"`
	ChangeTime           time.Time  `json:"changeTime"`
	FlowType             *string    `json:"flowType"`
	Barcodes             []string   `json:"barcodes"`
	DocNumber            *string    `json:"docNumber"`
	Blocked              *bool      `json:"blocked"`
	ErrorState           *string    `json:"errorState"`
	StartReservationDate *time.Time `json:"startReservationDate"`
	ExpirationDate       *time.Time `json:"expirationDate"`
}

func BenchmarkDecode(b *testing.B) {
	for _, s := range samples {
		body := []byte(s.valid)
		b.Run(s.name+"/callbacks", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := callbacks.Decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(s.name+"/baseline-encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var c plainChange
				if err := json.Unmarshal(body, &c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestDecode_StaysWithinItsAllocations(t *testing.T) {
	const limit = 15
	for _, s := range samples {
		got := testing.AllocsPerRun(100, func() {
			if _, err := callbacks.Decode([]byte(s.valid)); err != nil {
				t.Fatal(err)
			}
		})
		if got > limit {
			t.Errorf("%s: %v allocations, at most %d wanted", s.name, got, limit)
		}
	}
}
