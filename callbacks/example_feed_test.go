package callbacks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// ParcelEvent, DecodeParcelEvent and Identity stand for a package that knows nothing of
// callbacks, such as one with the webhooks of another vendor.
type ParcelEvent struct {
	Parcel string    `json:"parcel"`
	Event  string    `json:"event"`
	At     time.Time `json:"at"`
}

func DecodeParcelEvent(raw []byte) (ParcelEvent, error) {
	var e ParcelEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		return ParcelEvent{}, fmt.Errorf("parcel event: %w", err)
	}
	if e.Parcel == "" || e.At.IsZero() {
		return ParcelEvent{}, errors.New("parcel event: parcel or time is missing")
	}
	return e, nil
}

// Identity tells re-sends from new events.
func (e ParcelEvent) Identity() []string {
	return []string{e.Parcel, e.Event, e.At.UTC().Format(time.RFC3339Nano)}
}

// Another package's plain functions become a feed: the application joins the two, so
// neither package needs the other.
func ExampleFeed() {
	feed := callbacks.Feed[ParcelEvent]{
		Name:   "parcels",
		Decode: DecodeParcelEvent,
		Key:    func(e ParcelEvent) callbacks.Key { return callbacks.KeyOf(e.Identity()...) },
		Group:  func(e ParcelEvent) string { return e.Parcel },
		Time:   func(e ParcelEvent) time.Time { return e.At },
	}
	sink := callbacks.Direct(func(_ context.Context, e ParcelEvent) error {
		fmt.Println(e.Parcel, e.Event)
		return nil
	})
	// This sender has no secret; its address is one that cannot be guessed.
	h, err := callbacks.NewHandler(feed, sink, callbacks.Unauthenticated(), callbacks.WithMethods(http.MethodPost))
	if err != nil {
		log.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/parcels/4f1c", strings.NewReader(
		`{"parcel":"p-1","event":"LOADED","at":"2025-04-01T16:12:57Z"}`)))
	fmt.Println(w.Code)
	// Output:
	// p-1 LOADED
	// 200
}
