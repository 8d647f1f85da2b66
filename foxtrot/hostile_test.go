package foxtrot_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHostileAnswersAreBornEverywhere(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"deep":            strings.Repeat(`{"data":`, 20000) + `1` + strings.Repeat(`}`, 20000),
		"deep list":       `{"status":"success","data":` + strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000) + `}`,
		"not UTF-8":       "{\"status\":\"success\",\"data\":\"\xff\xfe\"}",
		"NUL":             "\x00\x00\x00",
		"two values":      `{"status":"success","data":{}} {"status":"success","data":{}}`,
		"a long number":   `{"status":"success","data":{"customer":{"id":` + strings.Repeat("9", 100000) + `},"waypoints":[{"waypoints_ahead":` + strings.Repeat("9", 1000) + `}]}}`,
		"data of no kind": `{"status":"success","data":true}`,
		"status of none":  `{"status":{"a":1},"data":{}}`,
		"a long status":   `{"status":"` + strings.Repeat("x", 100000) + `","data":{}}`,
		"surrogate":       `{"status":"success","data":{"customer":{"id":"\ud800"},"driver":{"id":"\ud800"}}}`,
		"keys of another": `{"STATUS":"error","DATA":{"CODE":3003}}`,
		"key twice":       `{"status":"success","status":"error","data":{},"data":{"code":3003}}`,
	}
	for _, op := range foxtrot.Operations() {
		for name, body := range bodies {
			for _, status := range []int{200, 400} {
				_, err := calls[op.Name](t.Context(), over(t, answer(status, body)), foxtrot.NoRetry())
				if err == nil {
					assert.Less(t, status, 300, "%s %s", op.Name, name)
					continue
				}
				var e *foxtrot.Error
				require.ErrorAs(t, err, &e, "%s %s", op.Name, name)
				assert.Less(t, len(err.Error()), 300, "%s %s", op.Name, name)
				assert.NotContains(t, err.Error(), "\n")
				assert.LessOrEqual(t, len([]rune(e.Detail)), 300)
			}
		}
	}
}

func TestBodyWithoutEndIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 500} {
		c := over(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(endless{}), ContentLength: -1, Request: r}, nil
		}))
		_, err := c.DCs.List(t.Context(), foxtrot.NoRetry())
		var e *foxtrot.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, status, e.StatusCode)
		assert.LessOrEqual(t, len(e.Body()), 256<<10)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestManyProblemsAreBounded(t *testing.T) {
	t.Parallel()
	e := getCustomer(t, 400, `{"data":{"code":3000,"errors":[`+strings.Repeat(`{"message":"m"},`, 999)+`{"message":"m"}]}}`)
	assert.Len(t, e.Problems, 100)
	assert.Equal(t, foxtrot.CodeRouteInvalid, e.Code)
}

func TestContextsAreHonouredByEveryOperation(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the shop is closed")
	cancel(why)
	hang := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	for _, op := range foxtrot.Operations() {
		_, err := calls[op.Name](gone, over(t, hang))
		require.ErrorIs(t, err, context.Canceled, op.Name)
		require.ErrorIs(t, err, why, op.Name)
		require.NotErrorIs(t, err, foxtrot.ErrOutcomeUnknown, op.Name)
	}
	synctest.Test(t, func(t *testing.T) {
		for _, op := range foxtrot.Operations() {
			short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			start := time.Now()
			_, err := calls[op.Name](short, over(t, hang))
			cancel()
			assert.Equal(t, 5*time.Second, time.Since(start), op.Name)
			require.ErrorIs(t, err, context.DeadlineExceeded, op.Name)
			require.NotErrorIs(t, err, foxtrot.ErrAttemptTimeout, op.Name)
			assert.Equal(t, op.Method != "GET", isUnknown(err), op.Name)
		}
	})
}
