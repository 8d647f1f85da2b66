package inboxtests

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// testChange is what the tests send: one change of one group.
type testChange struct {
	Group  string `json:"reservationId"`
	Minute int    `json:"minute"`
	// About as long as a real one.
	Status string `json:"status,omitempty"`
	Filler string `json:"docNumber,omitempty"`
}

func (c testChange) json() []byte {
	c.Status, c.Filler = "STOCKED", "a document number, and barcodes, as senders have them"
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return raw
}

func (c testChange) key() callbacks.Key {
	return sha256.Sum256(fmt.Appendf(nil, "%q %d", c.Group, c.Minute))
}

func (c testChange) time() time.Time {
	return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.Minute) * time.Minute)
}

var testFeed = callbacks.Feed[testChange]{
	Name: "changes",
	Decode: func(raw []byte) (c testChange, err error) {
		err = json.Unmarshal(raw, &c)
		return c, err
	},
	Key:   testChange.key,
	Slot:  testChange.key,
	Group: func(c testChange) string { return c.Group },
	Time:  testChange.time,
}

// receiver is the least a handler of callbacks does.
func receiver(sink callbacks.Sink[testChange]) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		c, err := testFeed.Decode(raw)
		if err != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
			return
		}
		_, err = sink.Accept(r.Context(), callbacks.Delivery[testChange]{
			Record: callbacks.Record{
				Feed: testFeed.Name, Key: testFeed.Key(c), Slot: testFeed.Slot(c), Group: testFeed.Group(c), Time: testFeed.Time(c),
				ReceivedAt: time.Now(), Raw: raw,
			},
			Value: c,
		})
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	})
}
