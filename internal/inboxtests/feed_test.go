package inboxtests

import (
	"bytes"
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

// receiver is a partner's endpoint.
func receiver(sink callbacks.Sink[testChange]) http.Handler {
	h, err := callbacks.NewHandler(testFeed, sink, callbacks.WithCredentials(
		callbacks.Basic("partner", "user", "secret"), callbacks.Bearer("next", "another secret")))
	if err != nil {
		panic(err)
	}
	return h
}

func post(client *http.Client, url string, c testChange) error {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(c.json()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth("user", "secret")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}
