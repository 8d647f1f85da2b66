package foxtrot_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

func TestCustomerID_ArrivesUnchanged(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	for _, id := range []foxtrot.CustomerID{
		"with space", "a/b", "a//b", "/", "John's id", `quote"d`, "..a", "a/../b", "%2e%2e", "%", "?x=1", "#frag", "a;b,c", `back\slash`,
		"ünïcode ☂", "007", " padded ", "a+b", "a&b=c", "{customer}", "...", "waypoints", "confident-location", foxtrot.CustomerID(strings.Repeat("9", 1024)),
	} {
		srv.AddCustomer(demo, foxtrot.Customer{ID: id, Name: string(id)})
		got, err := c.Customers.Get(t.Context(), demo, id)
		require.NoError(t, err, "%q", id)
		assert.Equal(t, id, got.ID)
		last := srv.Requests()[len(srv.Requests())-1]
		assert.Equal(t, "customers.get", last.Op, "%q", id)
		assert.Equal(t, 4, strings.Count(last.Path, "/"), "%q stays one element: %s", id, last.Path)
	}
}

func TestArgumentError_NamesEveryFaultBeforeSending(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	ctx := t.Context()
	spec := func(s foxtrot.WebhookRequest) func() error {
		return func() error { _, err := c.Webhooks.Create(ctx, s); return err }
	}
	do := func(r lockerline.Request) func() error { return func() error { return c.Do(ctx, r, nil) } }
	for _, tc := range []struct {
		name   string
		call   func() error
		fields []string
	}{
		{"both empty", func() error { _, err := c.Customers.Get(ctx, "", ""); return err }, []string{"dc", "customer"}},
		{"blank", func() error { _, err := c.Customers.Waypoints(ctx, " ", "\t"); return err }, []string{"dc", "customer"}},
		{"dot segments", func() error { _, err := c.Customers.ConfidentLocation(ctx, ".", ".."); return err }, []string{"dc", "customer"}},
		{"control characters", func() error { _, err := c.Customers.BestLocation(ctx, "a\x00", "b\r\nX: y"); return err }, []string{"dc", "customer"}},
		{"not UTF-8", func() error { _, err := c.Routes.Get(ctx, "dc", "\xff"); return err }, []string{"route"}},
		{"too long", func() error {
			_, err := c.Drivers.Location(ctx, "dc", foxtrot.DriverID(strings.Repeat("x", 1025)))
			return err
		}, []string{"driver"}},
		{"three", func() error { _, err := c.Routes.Deliveries(ctx, "", "..", "\n"); return err }, []string{"dc", "route", "waypoint"}},
		{"web hook", func() error { return c.Webhooks.Delete(ctx, "..") }, []string{"webhook"}},
		{"nothing in a spec", spec(foxtrot.WebhookRequest{}), []string{"URL", "Events", "DCs"}},
		{"bad members of a spec", spec(foxtrot.WebhookRequest{URL: "ftp://x", Events: []foxtrot.WebhookEventType{""}, DCs: []foxtrot.DCID{"ok", ".."}}), []string{"URL", "Events[0]", "DCs[1]"}},
		{"a relative address", spec(foxtrot.WebhookRequest{URL: "/hooks", Events: someWebhook.Events, DCs: someWebhook.DCs}), []string{"URL"}},
		{"do: nothing", do(lockerline.Request{}), []string{"Path"}},
		{"do: all wrong", do(lockerline.Request{Method: "get", Path: "x?y", Args: []string{"a"}, Body: make(chan int), Query: 7}), []string{"Method", "Path", "Args", "Query", "Body"}},
		{"do: an open brace", do(lockerline.Request{Path: "/dcs/{dc"}), []string{"Path"}},
		{"do: a dot segment", do(lockerline.Request{Path: "/dcs/{dc}", Args: []string{".."}}), []string{"dc"}},
	} {
		err := tc.call()
		var bad *lockerline.ArgumentError
		require.ErrorAs(t, err, &bad, tc.name)
		fields := []string{}
		for _, f := range bad.Fields {
			fields = append(fields, f.Field)
			assert.Contains(t, bad.Error(), f.Field, tc.name)
		}
		assert.ElementsMatch(t, tc.fields, fields, tc.name)
		assert.ErrorIs(t, err, lockerline.ErrInvalid, tc.name)
		assert.False(t, lockerline.Retryable(err), tc.name)
		assert.NotContains(t, err.Error(), "\n", tc.name)
	}
	assert.Empty(t, srv.Requests())
}
