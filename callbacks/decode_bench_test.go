package callbacks_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

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

func TestDecodeStaysWithinItsAllocations(t *testing.T) {
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
