package lockerlinetest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestFault_HappensBeforeOrAfterTheEffect(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fault   lockerlinetest.Fault
		name    string
		effects int
		status  int // 0: no answer
	}{
		{lockerlinetest.Latency(time.Millisecond), "delayed", 1, 200},
		{lockerlinetest.Disconnect(lockerlinetest.Before), "disconnected before the effect", 0, 0},
		{lockerlinetest.Disconnect(lockerlinetest.After), "disconnected after the effect", 1, 0},
		{lockerlinetest.Disconnect(lockerlinetest.Within), "disconnected within the answer", 1, 200},
		{lockerlinetest.Truncated(), "truncated", 1, 200},
		{lockerlinetest.Status(503), "answered 503", 0, 503},
		{lockerlinetest.HTML(502).AfterEffect(), "answered 502 after the effect", 1, 502},
		{lockerlinetest.Latency(time.Millisecond).And(lockerlinetest.Status(500)), "answered 500", 0, 500},
		{lockerlinetest.Status(500).AfterEffect().And(lockerlinetest.Disconnect(lockerlinetest.Within)), "disconnected within the answer", 1, 500},
		{lockerlinetest.Fault{}, "", 1, 200},
	} {
		t.Run(tc.fault.String(), func(t *testing.T) {
			t.Parallel()
			everywhere(t, func(t *testing.T, s *shop) {
				s.Fail("parcels.send", tc.fault)
				resp, body, err := s.ask(t.Context(), "POST", "/parcels", "{}")
				switch tc.name {
				case "disconnected within the answer":
					require.ErrorIs(t, err, io.ErrUnexpectedEOF)
					assert.NotEmpty(t, body)
				case "truncated":
					require.NoError(t, err)
					assert.NotEmpty(t, body)
					assert.False(t, json.Valid([]byte(body)))
				default:
					assert.Equal(t, tc.status == 0, err != nil)
				}
				if tc.status != 0 {
					assert.Equal(t, tc.status, resp.StatusCode)
				}
				assert.EqualValues(t, tc.effects, s.effects.Load())
				logged := s.Requests("parcels.send")
				require.Len(t, logged, 1)
				assert.Equal(t, tc.name, logged[0].Fault)
				assert.Equal(t, tc.status, logged[0].Status)
			})
		})
	}
}

func TestFail_HarmsTheNextRequestsOfTheOperation(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, s *shop) {
		s.Fail("parcels.list", lockerlinetest.Status(503).Times(2), lockerlinetest.HTML(502))
		var got []int
		ask := func(path string) int {
			resp, _, err := s.ask(t.Context(), "GET", path, "")
			require.NoError(t, err)
			return resp.StatusCode
		}
		for range 4 {
			got = append(got, ask("/parcels"))
			assert.Equal(t, 200, ask("/parcels/7"), "another operation is not harmed")
		}
		assert.Equal(t, []int{503, 503, 502, 200}, got)
		s.Fail("parcels.list", lockerlinetest.Status(500).Times(-1))
		s.Fail(lockerlinetest.AnyOperation, lockerlinetest.Status(501))
		for range 3 {
			assert.Equal(t, 500, ask("/parcels"))
		}
		assert.Equal(t, 404, ask("/nothing"), "an unknown path is no operation")
		assert.Equal(t, 501, ask("/parcels/7"))
		s.ClearFaults()
		assert.Equal(t, 200, ask("/parcels"))
	})
}

func TestFault_AnswersInTheFormsOfServiceAndGateway(t *testing.T) {
	t.Parallel()
	s := startShop(t)
	s.Fail("parcels.list", lockerlinetest.Status(500), lockerlinetest.RateLimited(1500*time.Millisecond), lockerlinetest.RateLimited(0),
		lockerlinetest.HTML(504), lockerlinetest.Answer(302, "", "").WithHeader("Location", "/parcels/7"))
	ask := func() (http.Header, string) {
		resp, body, err := s.ask(t.Context(), "GET", "/parcels", "")
		require.NoError(t, err)
		return resp.Header, body
	}
	h, body := ask()
	assert.Equal(t, jsonType, h.Get("Content-Type"))
	assert.JSONEq(t, `{"error":"made to fail"}`, body)
	h, body = ask()
	assert.Equal(t, "2", h.Get("Retry-After"))
	assert.JSONEq(t, `{"error":"made to fail"}`, body)
	h, _ = ask()
	assert.Empty(t, h.Values("Retry-After"))
	h, body = ask()
	assert.Equal(t, "text/html", h.Get("Content-Type"))
	assert.Contains(t, body, "<h1>504 Gateway Timeout</h1>")
	_, body = ask()
	assert.JSONEq(t, `{"op":"parcels.get","parcel":"7"}`, body, "the redirect was followed")
}

// recorder is a test that is expected to fail.
type recorder struct {
	testing.TB
	texts []any
}

func (r *recorder) Error(args ...any) { r.texts = append(r.texts, args...) }

func TestFail_UnknownOperationFailsTheTest(t *testing.T) {
	t.Parallel()
	failing := &recorder{TB: t}
	s := newShop()
	lockerlinetest.Start(failing, s.Server)
	s.Fail("parcel.list", lockerlinetest.Status(500))
	assert.Equal(t, []any{`shoptest: Fail: there is no operation "parcel.list"`}, failing.texts)

	without := newShop()
	defer without.Close()
	assert.PanicsWithValue(t, `shoptest: Fail: there is no operation ""`, func() { without.Fail("", lockerlinetest.Status(500)) })
}
