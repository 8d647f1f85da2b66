package alzabox_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/callbacks"
)

// Every form of an error answer, and what it is.
func TestError_CodeGoesBeforeStatus(t *testing.T) {
	t.Parallel()
	body := func(one string) string { return `{"data":null,"metadata":null,"errors":[` + one + `]}` }
	for name, tc := range map[string]struct {
		status int
		body   string
		code   string
		is     []error
		not    []error
	}{
		"message code":              {400, body(`{"message":"m","messageCode":"BOX_IS_FULL","extensions":{"code":"BAD_REQUEST"}}`), "BOX_IS_FULL", []error{alzabox.ErrBoxFull, lockerline.ErrRefused}, []error{lockerline.ErrInvalid}},
		"too large, with 409":       {409, body(`{"messageCode":"BOX_IS_NOT_BIG_ENOUGH"}`), "BOX_IS_NOT_BIG_ENOUGH", []error{alzabox.ErrTooLarge}, []error{alzabox.ErrBoxFull, lockerline.ErrConflict}},
		"extension":                 {400, body(`{"messageCode":null,"extensions":{"code":"CONFLICT"}}`), "CONFLICT", []error{lockerline.ErrConflict}, nil},
		"extensions as a list":      {400, body(`{"extensions":[{"code":"CONFLICT"}]}`), "CONFLICT", []error{lockerline.ErrConflict}, nil},
		"unknown code":              {404, body(`{"messageCode":"NEW_ONE"}`), "NEW_ONE", []error{lockerline.ErrNotFound}, nil},
		"no code":                   {403, body(`{"message":"rights"}`), "", []error{lockerline.ErrForbidden}, nil},
		"with HTTP 200":             {200, body(`{"messageCode":"BOX_IS_FULL"}`), "BOX_IS_FULL", []error{alzabox.ErrBoxFull}, nil},
		"with HTTP 200, and data":   {200, `{"data":{"reservation":{"id":"a"}},"errors":[{"messageCode":"BOX_IS_FULL"}]}`, "BOX_IS_FULL", []error{alzabox.ErrBoxFull}, nil},
		"with HTTP 200, no code":    {200, body(`{}`), "", nil, []error{lockerline.ErrNotFound}},
		"no body":                   {401, "", "", []error{lockerline.ErrUnauthorized}, nil},
		"a page":                    {500, "<html>", "", []error{lockerline.ErrServer}, nil},
		"odd members":               {400, `{"errors":[{"message":7,"messageCode":"BOX_IS_FULL","path":"x","extensions":"y","locations":3}]}`, "BOX_IS_FULL", []error{alzabox.ErrBoxFull}, nil},
		"errors that are a word":    {400, `{"errors":"no"}`, "", []error{lockerline.ErrInvalid}, nil},
		"a reservation of null":     {200, `{"data":{"reservation":null},"errors":null}`, "", []error{lockerline.ErrNotFound}, nil},
		"a reservation that is 404": {404, body(`{"message":"Reservation not found!"}`), "", []error{lockerline.ErrNotFound}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := over(t, says(tc.status, tc.body))
			_, err := c.Reservations.Get(t.Context(), "a")
			e := requireError(t, err)
			got := ""
			if e.Code != nil {
				got = e.Code.String()
			}
			assert.Equal(t, tc.code, got)
			for _, want := range tc.is {
				require.ErrorIs(t, err, want)
			}
			for _, never := range tc.not {
				require.NotErrorIs(t, err, never)
			}
			assert.NotContains(t, err.Error(), "\n")
			assert.Equal(t, "alzabox", e.Service)
		})
	}
}

func TestError_FieldsNameThePath(t *testing.T) {
	t.Parallel()
	c, _ := over(t, says(400, `{"errors":[{"message":"bad","path":["data","reservation","id"]},{"message":"worse","messageCode":"X"}]}`))
	_, err := c.Reservations.Get(t.Context(), "a")
	e := requireError(t, err)
	assert.Equal(t, []lockerline.FieldError{{Field: "data.reservation.id", Message: "bad"}}, e.Fields)
	assert.Equal(t, "bad", e.Detail)
	assert.Equal(t, "X", e.Code.String())
}

func TestDecode_AbsentAndNullAreToldApart(t *testing.T) {
	t.Parallel()
	c, _ := over(t, says(200, `{"data":{"reservation":{"id":"a","attributes":{"status":"STOCKED","blocked":true,"docNumber":null,"createdAt":"2025-05-03T10:11:12.1234567Z",
		"expirationDate":"2025-05-03T10:11:12","startReservationDate":"0001-01-01T00:00:00","packages":null,"nextReservationTimes":null,"unknown":{"x":1}},"relationships":{"box":{"id":3,"pid":null}},"more":7}}}`))
	r, err := c.Reservations.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, callbacks.StatusStockedLocked, r.EffectiveStatus())
	assert.True(t, r.FlowType.IsAbsent(), "not asked for")
	assert.True(t, r.DocNumber.IsNull(), "has none")
	assert.True(t, r.Start.IsNull(), "the zero date of .NET")
	assert.Equal(t, callbacks.Some(time.Date(2025, 5, 3, 10, 11, 12, 0, time.UTC)), r.Expiration, "without a zone it is UTC")
	at, _ := r.CreatedAt.Get()
	assert.Equal(t, 123456700, at.Nanosecond())
	assert.Empty(t, r.Packages)
	assert.Equal(t, alzabox.BoxRef{ID: 3}, r.Box)
}

func TestDecode_UnknownWordsAreKeptAndReported(t *testing.T) {
	t.Parallel()
	m := newMock(says(200, `{"data":{"reservations":[{"id":"a","attributes":{"status":"MELTED","type":"ODD","flowType":"SIDE","packages":[{"packageState":"LOST"}]}},null,{"id":""},{"id":"b","attributes":{"blocked":"true"}}]}}`))
	var mu sync.Mutex
	told := map[string]string{}
	c := m.client(t, lockerline.WithHooks(lockerline.Hooks{Unknown: func(_ context.Context, e lockerline.UnknownEvent) {
		mu.Lock()
		defer mu.Unlock()
		told[e.Field] = e.Value
	}}))
	rows, err := c.Reservations.List(t.Context(), alzabox.ReservationFilter{})
	require.NoError(t, err)
	require.Len(t, rows, 1, "an odd record costs itself")
	assert.Equal(t, callbacks.Status("MELTED"), rows[0].Status)
	assert.Equal(t, map[string]string{"status": "MELTED", "type": "ODD", "flowType": "SIDE", "packageState": "LOST", "reservations": "an element that cannot be read"}, told)
}

func TestDecode_WrongShapesAreErrors(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"data":null}`, `{"data":{"reservation":{}}}`, `{"data":{"reservation":7}}`, `[]`, `7`, `{"data":{"reservation":{"id":7}}}`, `{"data":{"other":{"id":"a"}}}`, `{"data":{"reservation":{"id":"a","attributes":{"blocked":"true"}}}}`} {
		c, _ := over(t, says(200, body))
		_, err := c.Reservations.Get(t.Context(), "a")
		e := requireError(t, err)
		_, ok := e.Err.(*lockerline.DecodeError)
		assert.True(t, ok, "%s: %v", body, err)
	}
	for _, body := range []string{`{"data":{"reservations":{}}}`, `{"data":{}}`, `{"data":{"reservations":[null]}}`} {
		c, _ := over(t, says(200, body))
		_, err := c.Reservations.List(t.Context(), alzabox.ReservationFilter{})
		assert.Error(t, err, body)
	}
	c, _ := over(t, says(200, `{"data":{"reservations":null}}`))
	rows, err := c.Reservations.List(t.Context(), alzabox.ReservationFilter{})
	require.NoError(t, err, "null is an empty list")
	assert.Empty(t, rows)
}

// pages answers like a service that cuts pages at most rows.
func pages(total, most int) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		var offset, limit int
		_, _ = fmt.Sscan(r.URL.Query().Get("page[offset]"), &offset)
		_, _ = fmt.Sscan(r.URL.Query().Get("page[limit]"), &limit)
		var rows []string
		for i := offset; i < min(offset+min(limit, most), total); i++ {
			rows = append(rows, fmt.Sprintf(`{"id":"%d"}`, i))
		}
		return httpmock.NewStringResponse(200, `{"data":{"reservations":[`+strings.Join(rows, ",")+`]}}`), nil
	}
}

func TestAll_ReadsEveryPageHoweverTheServerCutsThem(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 20, 99, 1000} {
		c, m := over(t, pages(250, most))
		n := 0
		for r, err := range c.Reservations.All(t.Context(), alzabox.ReservationFilter{}) {
			require.NoError(t, err)
			assert.Equal(t, fmt.Sprint(n), r.ID)
			n++
		}
		assert.Equal(t, 250, n, most)
		assert.LessOrEqual(t, len(m.sent), 250/min(most, 100)+2)
	}
}

func TestAll_EndsWhenAPageBringsNothingNew(t *testing.T) {
	t.Parallel()
	c, m := over(t, says(200, `{"data":{"reservations":[{"id":"a"},{"id":"b"},{"id":"a"}]}}`))
	n := 0
	for _, err := range c.Reservations.All(t.Context(), alzabox.ReservationFilter{}) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 2, n, "a row that comes twice is yielded once")
	assert.Len(t, m.sent, 2)
	c, _ = over(t, says(200, `{"data":{"boxes":[{"id":1}]}}`), says(403, ""))
	var last error
	for _, last = range c.Boxes.All(t.Context(), alzabox.ListOptions{}) {
	}
	require.ErrorIs(t, last, lockerline.ErrForbidden)
	for range c.Couriers.All(t.Context(), alzabox.ListOptions{}) {
		break
	}
}
