package alzabox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/callbacks"
)

func TestNewClient_NamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := alzabox.NewClient(lockerline.Environment{APIURL: "http://api.example", TokenURL: "no"}, alzabox.Credentials{}, lockerline.WithBaseURL("https://x.example"))
	for _, part := range []string{"APIURL", "TokenURL", "ClientID is empty", "ClientSecret is empty", "Username is empty", "Password is empty", "WithBaseURL"} {
		require.ErrorContains(t, err, part)
	}
	assert.NotContains(t, err.Error(), "\n")
}

func TestClientFromEnv_ReadsTheAccount(t *testing.T) {
	t.Setenv("ALZABOX_ENV", "")
	_, err := alzabox.ClientFromEnv()
	require.ErrorContains(t, err, "Username is empty")
	var asked string
	m := newMock(says(200, `{"data":{"boxes":[]}}`))
	for _, v := range []string{"CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD"} {
		t.Setenv("ALZABOX_"+v, "x")
	}
	for env, want := range map[string]lockerline.Environment{"": alzabox.Test, "production": alzabox.Production} {
		t.Setenv("ALZABOX_ENV", env)
		m.RegisterResponder("POST", want.TokenURL, func(r *http.Request) (*http.Response, error) {
			asked = r.URL.String()
			return httpmock.NewStringResponse(200, `{"access_token":"t","token_type":"Bearer"}`), nil
		})
		c, err := alzabox.ClientFromEnv(lockerline.WithHTTPClient(&http.Client{Transport: m}))
		require.NoError(t, err)
		_, err = c.Boxes.List(t.Context(), alzabox.ListOptions{})
		require.NoError(t, err)
		assert.Equal(t, want.TokenURL, asked)
		require.NoError(t, c.Close())
	}
}

func TestToken_IsAskedByPasswordInTheForm(t *testing.T) {
	t.Parallel()
	m := newMock(says(200, `{"data":{"boxes":[]}}`))
	var form url.Values
	m.RegisterResponder("POST", alzabox.Test.TokenURL, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		form, _ = url.ParseQuery(string(body))
		assert.Empty(t, r.Header.Get("Authorization"))
		return httpmock.NewStringResponse(200, `{"access_token":"t","expires_in":3600,"token_type":"Bearer"}`), nil
	})
	_, err := m.client(t).Boxes.List(t.Context(), alzabox.ListOptions{})
	require.NoError(t, err)
	assert.Equal(t, url.Values{
		"grant_type": {"password"}, "scope": {"konzole_access"}, "client_id": {"partner"}, "client_secret": {"client-SECRET"}, "username": {"user"}, "password": {"pass-WORD&+"},
	}, form)
}

func TestToken_WrongPasswordIsPermanentAndSentOnce(t *testing.T) {
	t.Parallel()
	m := newMock(says(200, `{}`))
	asked := 0
	m.RegisterResponder("POST", alzabox.Test.TokenURL, func(*http.Request) (*http.Response, error) {
		asked++
		return httpmock.NewStringResponse(400, `{"error":"invalid_grant","error_description":"no: pass-WORD&+"}`), nil
	})
	c := m.client(t)
	for range 5 {
		_, err := c.Boxes.List(t.Context(), alzabox.ListOptions{})
		require.ErrorIs(t, err, lockerline.ErrUnauthorized)
		assert.False(t, lockerline.Retryable(err))
		auth, ok := requireError(t, err).Err.(*lockerline.AuthError)
		require.True(t, ok)
		assert.True(t, auth.Permanent)
		assert.NotContains(t, auth.Description+err.Error(), "WORD")
	}
	assert.Equal(t, 1, asked)
	assert.Empty(t, m.sent)
}

func TestToken_IsRenewedWithATenthOfItsLifeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := rig(t, nil)
		for _, step := range []struct {
			wait   time.Duration
			tokens int
		}{{0, 1}, {53 * time.Minute, 1}, {2 * time.Minute, 2}} {
			time.Sleep(step.wait)
			_, err := c.Boxes.List(t.Context(), alzabox.ListOptions{})
			require.NoError(t, err)
			synctest.Wait()
			assert.Len(t, s.Requests("token"), step.tokens)
		}
		assert.NotContains(t, fmt.Sprint(s.Requests()), s.Credentials.Password)
	})
}

// What each operation sends, in the spelling of the vendor's document.
func TestOperations_SendWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	record := func(key, body string) string { return `{"data":{"` + key + `":` + body + `}}` }
	const reservation = `{"id":"a/b & č","attributes":{"status":"RESERVED"},"relationships":{"box":{"id":20,"pid":"p"}}}`
	const id = "a/b & č"
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.FixedZone("", 7200))
	for name, tc := range map[string]struct {
		call   func(t *testing.T, c *alzabox.Client) error
		answer string
		method string
		path   string
		query  map[string][]string
		body   string
	}{
		"reservations.get": {func(t *testing.T, c *alzabox.Client) error { _, err := c.Reservations.Get(t.Context(), id); return err }, record("reservation", reservation), "GET", "/reservation", map[string][]string{"filter[id]": {id}}, ""},
		"reservations.list": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Reservations.List(t.Context(), alzabox.ReservationFilter{ListOptions: alzabox.ListOptions{Limit: 7, Offset: 3, Fields: []string{"blocked", "own"}}, IDs: []string{id, "c"}, Status: callbacks.StatusReturning, Barcode: "007", Blocked: new(false)})
			return err
		}, record("reservations", "["+reservation+"]"), "GET", "/reservations", map[string][]string{"filter[id]": {id, "c"}, "filter[status]": {"RETURNING"}, "filter[barcode]": {"007"}, "filter[blocked]": {"false"}, "page[limit]": {"7"}, "page[offset]": {"3"}, "fields[reservation]": {"blocked", "own"}}, ""},
		"reservations.create": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Reservations.Create(t.Context(), alzabox.ReservationRequest{
				ID: id, Box: alzabox.BoxRef{PID: "p"}, Times: until(at), Type: alzabox.ReservationTypeNonBinding, PIN: lockerline.NewSecret("1234"), Blocked: callbacks.Some(false),
				Packages:  []alzabox.Package{{Barcode: "007", Dimensions: alzabox.Dimensions{Depth: 1, Height: 2.5, Width: 3}, Requirements: alzabox.Requirements{MaxSlotSize: "M"}}},
				Payment:   &alzabox.Payment{Price: 10, Currency: "CZK", State: alzabox.PaymentStateToPay},
				NextTimes: []alzabox.Times{{Start: callbacks.Some(at), Expiration: callbacks.Some(at.Add(time.Hour)), PrereservationExpiration: callbacks.Null[time.Time]()}},
				Related:   alzabox.RelatedReservation{Type: "Eshop"},
			})
			return err
		}, `{"data":` + reservation + `}`, "POST", "/reservation", nil, `{"data":{"reservation":{"id":"a/b & č","attributes":{"expirationDate":"2026-05-01T10:00:00Z","type":"NON_BINDING",
			"packages":[{"depth":1,"height":2.5,"width":3,"barcode":"007","requirements":{"maxSlotSize":"M"}}],"pin":"1234","blocked":false,"paymentData":{"price":10,"currency":"CZK","paymentState":"TO_PAY"},
			"nextReservationTimes":[{"startReservationDate":"2026-05-01T10:00:00Z","expirationDate":"2026-05-01T11:00:00Z","prereservationExpirationDate":null}]},
			"relationships":{"box":{"pid":"p"},"reservation":{"type":"Eshop"}}}}}`},
		"reservations.update": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Reservations.Cancel(t.Context(), id)
			return err
		}, `{"data":` + reservation + `}`, "PATCH", "/reservation", nil, `{"data":{"reservation":{"id":"a/b & č","attributes":{"status":"CANCELED"}}}}`},
		"reservations.store": {func(t *testing.T, c *alzabox.Client) error {
			state, err := c.Reservations.Store(t.Context(), alzabox.StoreRequest{QRCode: "alza://alzabox/20", AlzaPortCode: "007"})
			assert.Equal(t, alzabox.PackageStatePutIn, state)
			return err
		}, `{"data":{"success":true,"state":"PUTTED_IN_BY_SHIPPER","errorMessage":null}}`, "POST", "/reservation/store", nil, `{"data":{"reservation":{"attributes":{"qrCode":"alza://alzabox/20","alzaPortCode":"007","documentNumber":""}}}}`},
		"boxes.get": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Boxes.Get(t.Context(), alzabox.BoxRef{PID: "p"})
			return err
		}, record("box", `{"id":20}`), "GET", "/box", map[string][]string{"filter[pid]": {"p"}}, ""},
		"boxes.list": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Boxes.List(t.Context(), alzabox.ListOptions{})
			return err
		}, record("boxes", `[]`), "GET", "/boxes", map[string][]string{"page[limit]": {"100"}, "page[offset]": {"0"}}, ""},
		"boxes.update": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Boxes.Update(t.Context(), 20, "ours")
			return err
		}, record("box", `{"id":20,"pid":"ours"}`), "PATCH", "/box", nil, `{"data":{"box":{"id":20,"pid":"ours"}}}`},
		"couriers.get": {func(t *testing.T, c *alzabox.Client) error { _, err := c.Couriers.Get(t.Context(), "ana"); return err }, record("courier", `{"login":"ana"}`), "GET", "/courier", map[string][]string{"filter[login]": {"ana"}}, ""},
		"couriers.list": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Couriers.List(t.Context(), alzabox.ListOptions{})
			return err
		}, record("couriers", `[]`), "GET", "/couriers", nil, ""},
		"couriers.create": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Couriers.Create(t.Context(), alzabox.Courier{Login: "ana", PIN: lockerline.NewSecret("77"), Access: callbacks.Some(alzabox.CourierAccessSpecific), Role: callbacks.Some(alzabox.CourierRoleDeliveryOnly), Boxes: callbacks.Some([]alzabox.BoxRef{{ID: 20, PID: "p"}})})
			return err
		}, `{"data":{"login":"ana","pin":"77","attributes":null}}`, "POST", "/courier", nil, `{"data":{"courier":{"login":"ana","pin":"77","boxesAccessType":"SPECIFIC","role":"DELIVERY_ONLY","boxes":[{"id":20}]}}}`},
		"couriers.update": {func(t *testing.T, c *alzabox.Client) error {
			_, err := c.Couriers.Update(t.Context(), alzabox.Courier{Login: "ana", Access: callbacks.Some(alzabox.CourierAccessFull), Boxes: callbacks.Null[[]alzabox.BoxRef]()})
			return err
		}, `{"data":{"login":"ana"}}`, "PATCH", "/courier", nil, `{"data":{"courier":{"login":"ana","boxesAccessType":"FULL","boxes":[]}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, m := over(t, says(200, tc.answer))
			var meta lockerline.CallMeta
			with, err := c.With(lockerline.WithHooks(lockerline.Hooks{CallEnd: func(_ context.Context, e lockerline.CallEvent) { meta.Operation = e.Operation }}))
			require.NoError(t, err)
			require.NoError(t, tc.call(t, with))
			assert.Equal(t, name, meta.Operation)
			require.Len(t, m.sent, 1)
			assert.Equal(t, tc.method, m.sent[0].Method)
			assert.Equal(t, "/parcel-lockers/v2"+tc.path, m.sent[0].Path)
			for key, want := range tc.query {
				assert.Equal(t, want, m.sent[0].Query[key], key)
			}
			if tc.body != "" {
				assert.JSONEq(t, tc.body, m.sent[0].Body)
			}
		})
	}
	assert.Len(t, alzabox.Operations(), 12)
}

func TestArguments_AreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	c, m := over(t, says(200, `{}`))
	now := time.Now()
	long := strings.Repeat("č", 101)
	for name, tc := range map[string]struct {
		err   error
		parts []string
	}{
		"create": {second(c.Reservations.Create(t.Context(), alzabox.ReservationRequest{
			ID: long, Box: alzabox.BoxRef{ID: 1, PID: "p"}, Type: alzabox.ReservationTypeTime, Times: until(now), PIN: lockerline.NewSecret("12345678901"), Packages: []alzabox.Package{{Barcode: strings.Repeat("1", 201)}},
			Products: []alzabox.Product{{Code: strings.Repeat("1", 31)}}, Payment: &alzabox.Payment{Price: -1, Currency: "EURO", VariableSymbol: "12345678901"}, NextTimes: []alzabox.Times{until(now)},
			Related: alzabox.RelatedReservation{Key: strings.Repeat("1", 36)},
		})), []string{"ID must not be longer than 100", "Box must have exactly one", "Packages.Barcode", "positive Depth", "Products.Code", "Products.Quantity", "Start must be given", "NextTimes", "PIN", "Price", "Currency", "VariableSymbol", "Related"}},
		"dates":       {second(c.Reservations.Create(t.Context(), alzabox.ReservationRequest{ID: "a", Box: alzabox.BoxRef{ID: 1}, Times: alzabox.Times{Start: callbacks.Some(now), Expiration: callbacks.Some(now.Add(-1))}})), []string{"Expiration must be after Start", "Packages or Products"}},
		"no end":      {second(c.Reservations.Create(t.Context(), alzabox.ReservationRequest{ID: "\xff", Box: alzabox.BoxRef{PID: long}})), []string{"Expiration must be given", "ID must be UTF-8", "Box.PID"}},
		"update":      {second(c.Reservations.Update(t.Context(), " ", alzabox.ReservationUpdate{Packages: []alzabox.Package{{}}})), []string{"id must not be empty", "Packages.Barcode must not be empty"}},
		"list":        {second(c.Reservations.List(t.Context(), alzabox.ReservationFilter{IDs: make([]string, 101), ListOptions: alzabox.ListOptions{Limit: 101, Offset: -1}})), []string{"IDs must be at most 100", "Limit", "Offset"}},
		"box":         {second(c.Boxes.Get(t.Context(), alzabox.BoxRef{})), []string{"exactly one"}},
		"box update":  {second(c.Boxes.Update(t.Context(), 0, "")), []string{"id must not be 0", "pid must not be empty"}},
		"courier":     {second(c.Couriers.Get(t.Context(), strings.Repeat("a", 31))), []string{"login"}},
		"new courier": {second(c.Couriers.Update(t.Context(), alzabox.Courier{})), []string{"Login", "Access must be given", "Boxes must be given"}},
		"store":       {second(c.Reservations.Store(t.Context(), alzabox.StoreRequest{})), []string{"QRCode", "AlzaPortCode"}},
	} {
		require.ErrorIs(t, tc.err, lockerline.ErrInvalid, name)
		for _, part := range tc.parts {
			assert.ErrorContains(t, tc.err, part, name)
		}
	}
	assert.Empty(t, m.sent)
}

func second[T any](_ T, err error) error { return err }

func TestSecrets_AreNeverPrinted(t *testing.T) {
	t.Parallel()
	body := `{"data":{"reservation":{"id":"a","attributes":{"pin":"PIN-7","openerKey":"PARC-7","status":"STOCKED"}}}}`
	c, _ := over(t, says(200, body), says(200, `{"data":{"box":{"id":1,"attributes":{"deliveryPin":"PIN-7"}}}}`), says(200, `{"data":{"courier":{"login":"l","pin":"PIN-7"}}}`), says(500, "PIN-7"))
	r, err := c.Reservations.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "PIN-7", r.PIN.Reveal())
	require.Equal(t, "PARC-7", r.OpenerKey.Or(lockerline.Secret{}).Reveal())
	b, err := c.Boxes.Get(t.Context(), alzabox.BoxRef{ID: 1})
	require.NoError(t, err)
	k, err := c.Couriers.Get(t.Context(), "l")
	require.NoError(t, err)
	_, failed := c.Couriers.Get(t.Context(), "l")
	for _, v := range []any{c, *c, c.Reservations, testCreds, &testCreds, *r, r, *b, *k, failed, order("a", time.Now()), alzabox.ReservationRequest{PIN: r.PIN}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		if j, err := json.Marshal(v); err == nil {
			out.Write(j)
		}
		for _, secret := range []string{"PIN-7", "PARC-7", "client-SECRET", "pass-WORD", fmt.Sprintf("%x", "PIN-7"), fmt.Sprintf("%x", "pass-WORD")} {
			assert.NotContains(t, out.String(), secret, "%T", v)
		}
	}
}
