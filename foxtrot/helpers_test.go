package foxtrot_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/internal/leaktest"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

const testKey = "key-3f9a-SECRET"

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is a transport that always answers the same.
func answer(status int, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}
}

var quick = lockerline.RetryPolicy{MaxAttempts: 3, MinWait: time.Millisecond, MaxWait: time.Millisecond, MaxRetryAfter: time.Second}

func over(tb testing.TB, rt http.RoundTripper, opts ...lockerline.Option) *foxtrot.Client {
	tb.Helper()
	own := []lockerline.Option{lockerline.WithHTTPClient(&http.Client{Transport: rt}), lockerline.WithRetry(quick)}
	c, err := foxtrot.NewClient(testKey, append(own, opts...)...)
	require.NoError(tb, err)
	return c
}

func newServer(tb testing.TB, opts ...foxtrottest.Option) *foxtrottest.Server {
	tb.Helper()
	return foxtrottest.NewServer(tb, opts...)
}

func clientOf(tb testing.TB, srv *foxtrottest.Server, opts ...lockerline.Option) *foxtrot.Client {
	tb.Helper()
	c, err := srv.Client(append([]lockerline.Option{lockerline.WithRetry(quick)}, opts...)...)
	require.NoError(tb, err)
	return c
}

const demo = foxtrottest.DemoDC

var oneDay = time.Date(2025, 10, 9, 0, 0, 0, 0, time.UTC)

var someWebhook = foxtrot.WebhookRequest{
	URL: "https://partner.example/hooks/1", Events: []foxtrot.WebhookEventType{foxtrot.WebhookEventRouteETAsChanged}, DCs: []foxtrot.DCID{demo},
}

// calls makes each operation once, with the simulator's demonstration data and a webhook
// "wh-1".
var calls = map[string]func(context.Context, *foxtrot.Client, ...lockerline.CallOption) (any, error){
	"customers.get": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Customers.Get(ctx, demo, "c-1001", o...)
	},
	"customers.waypoints": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Customers.Waypoints(ctx, demo, "c-1001", o...)
	},
	"customers.confident_location": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Customers.ConfidentLocation(ctx, demo, "c-1001", o...)
	},
	"dcs.list": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.DCs.List(ctx, o...)
	},
	"routes.get": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Routes.Get(ctx, demo, "r-1", o...)
	},
	"routes.find_by_date": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Routes.FindByDate(ctx, demo, oneDay, o...)
	},
	"routes.completion_time": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Routes.CompletionTime(ctx, demo, "r-1", o...)
	},
	"routes.waypoints": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Routes.Waypoints(ctx, demo, "r-1", o...)
	},
	"routes.waypoint": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Routes.Waypoint(ctx, demo, "r-1", "w-1", o...)
	},
	"routes.deliveries": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Routes.Deliveries(ctx, demo, "r-1", "w-5", o...)
	},
	"drivers.get": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Drivers.Get(ctx, demo, "d-1", o...)
	},
	"drivers.location": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Drivers.Location(ctx, demo, "d-1", o...)
	},
	"webhooks.list": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Webhooks.List(ctx, o...)
	},
	"webhooks.create": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Webhooks.Create(ctx, someWebhook, o...)
	},
	"webhooks.enable": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Webhooks.Enable(ctx, "wh-1", o...)
	},
	"webhooks.disable": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return c.Webhooks.Disable(ctx, "wh-1", o...)
	},
	"webhooks.delete": func(ctx context.Context, c *foxtrot.Client, o ...lockerline.CallOption) (any, error) {
		return nil, c.Webhooks.Delete(ctx, "wh-1", o...)
	},
}

func fixture(tb testing.TB, operation string) string {
	tb.Helper()
	raw, err := os.ReadFile("testdata/answers/" + operation + ".json")
	require.NoError(tb, err)
	return string(raw)
}

func isUnknown(err error) bool { return errors.Is(err, lockerline.ErrOutcomeUnknown) }
