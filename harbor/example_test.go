package harbor_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// simulator starts Harbor in memory and a client for it; ref is a locker that is free.
// Against the real service the client is made by
//
//	c, err := harbor.NewClient(harbor.Sandbox, harbor.Credentials{ClientID: id, ClientSecret: secret})
func simulator(opts ...lockerline.Option) (srv *harbortest.Server, c *harbor.Client, ref harbor.LockerRef) {
	srv, err := harbortest.New()
	if err != nil {
		log.Fatal(err)
	}
	c, err = srv.Client(opts...)
	if err != nil {
		log.Fatal(err)
	}
	return srv, c, harbor.LockerRef{Tower: "0100000000000175", Locker: 948}
}

// open plays the phone before the tower.
func open(ctx context.Context, srv *harbortest.Server, c *harbor.Client, t *harbor.LockerToken) error {
	access, err := c.Token(ctx, harbor.ScopeTowerAccess)
	if err != nil {
		return err
	}
	phone := srv.Phone(access.AccessToken)
	if err := phone.Connect(t.Tower); err != nil {
		return err
	}
	if _, err := phone.Use(t.Payload, t.PayloadAuth); err != nil {
		return err
	}
	return phone.CloseDoor()
}

// A parcel from door to door: reserve, drop off, pick up.
func Example() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	ctx := context.Background()
	if err := deliver(ctx, srv, c); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Grand Park Garage: small locker 1
	// reserved
	// rented
	// occupied
	// available
	// mine: 0
}

func deliver(ctx context.Context, srv *harbortest.Server, c *harbor.Client) error {
	area := harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}}
	sites, err := c.Locations.InArea(ctx, area)
	if err != nil {
		return err
	}
	lockers, err := c.Locations.Lockers(ctx, sites[0].ID)
	if err != nil {
		return err
	}
	locker := lockers[0] // pick one that is available, of the size you need
	fmt.Printf("%s: %s locker %s\n", sites[0].Name, locker.Type.Name, locker.Name)

	ref := locker.Ref() // keep it: it is what the locker is called from now on
	if _, err := c.Lockers.Reserve(ctx, ref, 5*time.Minute); err != nil {
		return err
	}
	fmt.Println(harbor.LockerStatusReserved)
	drop, err := c.Lockers.DropoffToken(ctx, ref, harbor.TokenRequest{Duration: 5 * time.Minute, ClientInfo: "order 42"})
	if err != nil {
		return err
	}
	fmt.Println(drop.Locker.Status)

	watcher := harbor.NewWatcher(c, harbor.WatcherConfig{Interval: 100 * time.Millisecond})
	if err := open(ctx, srv, c, drop); err != nil { // the courier's phone does this
		return err
	}
	change, err := watcher.Wait(ctx, ref, harbor.LockerStatusOccupied)
	if err != nil {
		return err
	}
	fmt.Println(change.To)

	pick, err := c.Lockers.PickupToken(ctx, ref, harbor.TokenRequest{Duration: 5 * time.Minute})
	if err != nil {
		return err
	}
	if err := open(ctx, srv, c, pick); err != nil { // the customer's phone does this
		return err
	}
	if change, err = watcher.Wait(ctx, ref, harbor.LockerStatusAvailable); err != nil {
		return err
	}
	fmt.Println(change.To)
	mine, err := c.Lockers.Assigned(ctx)
	fmt.Println("mine:", len(mine))
	return err
}

// errors.Is tells errors apart; the details are in *lockerline.Error.
func Example_errors() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	ctx := context.Background()

	taken := harbor.LockerRef{Tower: ref.Tower, Locker: ref.Locker + 1}
	_, err := c.Lockers.Reserve(ctx, taken, 5*time.Minute)
	switch {
	case errors.Is(err, lockerline.ErrConflict):
		fmt.Println("the locker is taken: try another one")
	case errors.Is(err, lockerline.ErrOutcomeUnknown):
		fmt.Println("look before asking again")
	}
	if e, ok := errors.AsType[*lockerline.Error](err); ok {
		fmt.Println(e.StatusCode, e.Detail)
	}
	fmt.Println(err)
	_, err = c.Lockers.Reserve(ctx, harbor.LockerRef{Tower: "175", Locker: 0}, time.Millisecond)
	fmt.Println(err)
	// Output:
	// the locker is taken: try another one
	// 409 Locker is not available
	// harbor: lockers.reserve: answered 409 conflict
	// harbor: lockers.reserve: TowerID must be 16 hexadecimal digits; LockerID must be positive; Duration must be at least one second
}

// The answer to a write got lost: look what became of it before asking again.
func Example_outcomeUnknown() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	ctx := context.Background()
	srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))

	_, err := c.Lockers.Reserve(ctx, ref, 5*time.Minute)
	if errors.Is(err, lockerline.ErrOutcomeUnknown) {
		mine, err := c.Lockers.Assigned(ctx)
		if err != nil {
			log.Fatal(err)
		}
		for _, l := range mine {
			fmt.Println("it is ours:", l.Ref() == ref, l.Status)
		}
	}
	// Output:
	// it is ours: true reserved
}

// Hooks count and time calls; they see names and numbers, nothing secret.
func ExampleWithHooks() {
	srv, c, ref := simulator(lockerline.WithHooks(lockerline.Hooks{
		Retry: func(_ context.Context, e lockerline.RetryEvent) {
			fmt.Println("again:", e.Operation, e.StatusCode)
		},
		CallEnd: func(_ context.Context, e lockerline.CallEvent) {
			fmt.Println(e.Method, e.Path, e.StatusCode, e.Attempts, e.Err)
		},
	}))
	defer srv.Close()
	defer c.Close()
	srv.Fail("towers.lockers", lockerlinetest.HTML(502))
	if _, err := c.Towers.Lockers(context.Background(), ref.Tower); err != nil {
		log.Fatal(err)
	}
	// Output:
	// again: towers.lockers 502
	// GET /api/v1/towers/{tower}/lockers 200 2 <nil>
}

// A middleware wraps every attempt. OpenTelemetry's transport is one:
//
//	lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(next) })
func ExampleWithMiddleware() {
	srv, c, ref := simulator(lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			fmt.Println("span:", r.Method, resp.StatusCode, "credential seen:", r.Header.Get("Authorization") != "")
			return resp, err
		})
	}))
	defer srv.Close()
	defer c.Close()
	if _, err := c.Towers.Availability(context.Background(), ref.Tower); err != nil {
		log.Fatal(err)
	}
	// Output:
	// span: GET 200 credential seen: false
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Do reaches an endpoint that has no method here, with tokens, retries and errors as usual.
func ExampleClient_Do() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	var lockers []struct {
		ID int64 `json:"id"`
	}
	err := c.Do(context.Background(), lockerline.Request{
		Name: "towers.lockers_by_hand", Path: "/api/v1/towers/{tower}/lockers", Args: []string{string(ref.Tower)},
		Query: url.Values{"limit": {"5"}},
	}, &lockers)
	fmt.Println(len(lockers), lockers[0].ID, err)
	// Output:
	// 12 948 <nil>
}

// A route that Harbor documents otherwise than this version takes it.
func ExampleWithOperationPath() {
	srv, c, _ := simulator(lockerline.WithOperationPath("locker_types.list", "/api/v1/locker-types/all"))
	defer srv.Close()
	defer c.Close()
	_, err := c.LockerTypes.List(context.Background())
	e, _ := errors.AsType[*lockerline.Error](err)
	fmt.Println(e.Path, e.StatusCode)
	// Output:
	// /api/v1/locker-types/all 404
}

// The logger gets attempts and retries; credentials are not printed.
func ExampleCredentials() {
	creds := harbor.Credentials{ClientID: "partner", ClientSecret: "very secret"}
	fmt.Printf("%v\n", creds)
	slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})).Info("starting", "creds", creds)
	// Output:
	// [REDACTED]
	// level=INFO msg=starting creds=[REDACTED]
}

// The phone gets a token of its own scope; what the backend uses never leaves it.
func ExampleClient_Token() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	t, err := c.Token(context.Background(), harbor.ScopeTowerAccess)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.TokenType, time.Until(t.Expiry).Round(time.Minute))
	// Output:
	// Bearer 5m0s
}
