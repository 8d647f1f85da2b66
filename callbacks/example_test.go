package callbacks_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func ExampleNewHandler() {
	sink := callbacks.Direct(func(_ context.Context, c callbacks.ReservationChange) error {
		fmt.Println(c.ReservationID, "is", c.Meaning())
		return nil
	})
	h, err := callbacks.NewHandler(callbacks.Reservations(), sink,
		callbacks.WithCredentials(
			callbacks.Basic("partner", "alza", "correct horse"),
			callbacks.XToken("old", "0123456789").Until(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)),
		))
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/callbacks", h)

	r := httptest.NewRequest(http.MethodPost, "/callbacks", strings.NewReader(
		`{"reservationId":"p-1","status":"RETURNING","changeTime":"2022-12-30T13:00:32.42Z","flowType":"INLET"}`))
	r.SetBasicAuth("alza", "correct horse")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// p-1 is inserted, waits for the courier
	// 200
}

// A switch hands each change to its work. EffectiveStatus tells a parcel that waits for its
// customer from one that is blocked; the linter exhaustive finds a status that has no case.
func ExampleReservationChange_EffectiveStatus() {
	work := func(_ context.Context, c callbacks.ReservationChange) error {
		switch status := c.EffectiveStatus(); status {
		case callbacks.StatusStocked:
			fmt.Println("tell the customer to come:", c.ReservationID)
		case callbacks.StatusStockedLocked:
			fmt.Println("tell the customer to wait:", c.ReservationID)
		case callbacks.StatusPickedUp:
			fmt.Println("thank the customer:", c.ReservationID)
		default:
			if !status.Known() {
				fmt.Println("look at", status)
			}
		}
		return nil
	}
	_ = callbacks.Direct(work) // give this to NewHandler, or work to an inbox

	ctx := context.Background()
	for _, c := range []callbacks.ReservationChange{
		{ReservationID: "p-1", Status: "STOCKED", Blocked: callbacks.Some(true)},
		{ReservationID: "p-2", Status: "PICKED_UP"},
		{ReservationID: "p-3", Status: "RETURNED"},
		{ReservationID: "p-4", Status: "THAWING"},
	} {
		if err := work(ctx, c); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// tell the customer to wait: p-1
	// thank the customer: p-2
	// look at THAWING
}

// A secret is rotated without a restart: accept both, watch the observer until the old name
// is no longer seen, drop it.
func ExampleCredentialSet_Replace() {
	set, err := callbacks.NewCredentialSet(callbacks.Bearer("2025", "old-secret"))
	if err != nil {
		log.Fatal(err)
	}
	seen := map[string]int{} // requests by the name of their credential
	h, err := callbacks.NewHandler(callbacks.Reservations(), callbacks.Direct(ignore),
		callbacks.WithCredentialSet(set), callbacks.WithObserver(callbacks.Observer{
			Accepted: func(_ context.Context, e callbacks.Accepted) { seen[e.Credential]++ },
		}))
	if err != nil {
		log.Fatal(err)
	}
	send := func(token string) int {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(
			`{"reservationId":"p-1","status":"PICKED_UP","changeTime":"2022-12-30T13:00:32.42Z"}`))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	old := callbacks.Bearer("2025", "old-secret").Until(time.Now().Add(24 * time.Hour))
	if err := set.Replace(old, callbacks.Bearer("2026", "new-secret")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(send("old-secret"), send("new-secret"), set, seen)
	if err := set.Replace(callbacks.Bearer("2026", "new-secret")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(send("old-secret"), send("new-secret"), set)
	// Output:
	// 200 200 callbacks.CredentialSet["2025" "2026"] map[2025:1 2026:1]
	// 401 200 callbacks.CredentialSet["2026"]
}

func ExampleDecode() {
	c, err := callbacks.Decode([]byte(`{
		"reservationId": "hMg8VDP8oldBNVgAOBvH", "status": "STOCKED", "changeTime": "2022-12-30T14:00:32.42+01:00",
		"blocked": true, "docNumber": null,
	}`))
	if err != nil {
		log.Fatal(err)
	}
	_, told := c.FlowType.Get()
	fmt.Println(c.ChangeTime, c.Meaning())
	fmt.Println("flow told:", told, "- document number:", c.DocNumber, "- trailing comma:", c.Repaired)

	_, err = callbacks.Decode([]byte(`{"reservationId":"p-1","status":"STOCKED"}`))
	fmt.Println(err)
	// Output:
	// 2022-12-30 13:00:32.42 +0000 UTC blocked in the box
	// flow told: false - document number: null - trailing comma: true
	// decode reservation change: changeTime is missing
}

func ExampleParseStatus() {
	for _, text := range []string{"picked up", "Stocked-Locked", "cancelled", "thawing"} {
		status, known := callbacks.ParseStatus(text)
		fmt.Println(status, known)
	}
	// Output:
	// PICKED_UP true
	// STOCKED_LOCKED true
	// CANCELED true
	// thawing false
}

func ExampleReservationTransitions() {
	for _, t := range callbacks.ReservationTransitions() {
		if t.From == callbacks.StatusStocked && t.Calls == callbacks.CallsBack {
			fmt.Println(t)
		}
	}
	// Output:
	// STOCKED -> PICKED_UP: customer picks up (calls back)
	// STOCKED -> RETURNING: expires in the box (calls back)
}

// An observer counts for a metrics library, beside the log. Its labels have few values:
// never the id of a reservation. examples/callbacks does this for Prometheus.
func ExampleObserver() {
	accepted, refused := map[callbacks.Outcome]int{}, map[callbacks.Reason]int{}
	counting := callbacks.Observer{
		Accepted: func(_ context.Context, e callbacks.Accepted) { accepted[e.Outcome]++ },
		Refused:  func(_ context.Context, e callbacks.Refused) { refused[e.Reason]++ },
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: onlyStableAttributes}))
	h, err := callbacks.NewHandler(callbacks.Reservations(), callbacks.Direct(ignore),
		callbacks.WithCredentials(callbacks.XToken("2026", "0123456789")),
		callbacks.WithObserver(counting), callbacks.WithObserver(callbacks.LogObserver(logger)))
	if err != nil {
		log.Fatal(err)
	}
	for _, token := range []string{"0123456789", "a guess"} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(
			`{"reservationId":"p-1","status":"PICKED_UP","changeTime":"2022-12-30T13:00:32.42Z"}`))
		r.Header.Set("X-Token", token)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	fmt.Println(accepted, refused)
	// Output:
	// level=INFO msg="callback acknowledged" outcome=stored credential=2026 group=p-1
	// level=WARN msg="callback refused" reason=credential status=401 credential=""
	// map[stored:1] map[credential:1]
}

func ignore(context.Context, callbacks.ReservationChange) error { return nil }

func onlyStableAttributes(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case "time", "feed", "key", "size", "store", "total":
		return slog.Attr{}
	}
	return a
}

func ExampleKeyOf() {
	fmt.Println(callbacks.KeyOf("ab", "c") == callbacks.KeyOf("a", "bc"))
	// Output: false
}
