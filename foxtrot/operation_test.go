package foxtrot_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// exampleName returns the name of the Example for an operation.
func exampleName(operation string) string {
	service, method, _ := strings.Cut(operation, ".")
	name := map[string]string{"customers": "Customers", "dcs": "DCs", "routes": "Routes", "drivers": "Drivers", "webhooks": "Webhooks"}[service]
	var b strings.Builder
	for word := range strings.SplitSeq(method, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return "Example" + name + "Service_" + b.String()
}

func TestOperations_HaveFixtureExampleAndCall(t *testing.T) {
	t.Parallel()
	examples, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	ops := foxtrot.Operations()
	assert.Len(t, calls, len(ops))
	files, err := os.ReadDir("testdata/answers")
	require.NoError(t, err)
	assert.Len(t, files, len(ops))
	seen := map[string]bool{}
	for _, op := range ops {
		assert.False(t, seen[op.Name], op.Name)
		seen[op.Name] = true
		assert.Contains(t, calls, op.Name)
		assert.Contains(t, string(examples), "func "+exampleName(op.Name)+"(", "an Example for %s", op.Name)
		assert.Contains(t, []lockerline.Evidence{lockerline.EvidenceVendorPage, lockerline.EvidenceObserved}, op.Evidence)
		raw := fixture(t, op.Name)
		assert.True(t, json.Valid([]byte(raw)), op.Name)
		got, err := calls[op.Name](t.Context(), over(t, answer(200, raw)))
		require.NoError(t, err, op.Name)
		if op.Name != "webhooks.delete" {
			assert.NotEmpty(t, got, op.Name)
		}
	}
}

func TestOperations_AreCopies(t *testing.T) {
	t.Parallel()
	foxtrot.Operations()[0].Path = "/elsewhere"
	assert.NotEqual(t, "/elsewhere", foxtrot.Operations()[0].Path)
}

func write(op lockerline.Operation) bool { return op.Method != "GET" }

// withHook returns a server that has the webhook "wh-1", which some of the calls need.
func withHook(t *testing.T) (*foxtrottest.Server, *foxtrot.Client) {
	t.Helper()
	srv := newServer(t)
	// On a connection that was used before, net/http itself repeats a GET that was cut off.
	fresh := &http.Transport{DisableKeepAlives: true}
	c := clientOf(t, srv, lockerline.WithHTTPClient(&http.Client{Transport: fresh}))
	_, err := c.Webhooks.Create(t.Context(), someWebhook)
	require.NoError(t, err)
	return srv, c
}

func TestOperations_UnderEveryFault(t *testing.T) {
	t.Parallel()
	for _, op := range foxtrot.Operations() {
		for _, tc := range []struct {
			name    string
			fault   lockerlinetest.Fault
			passing bool // a repeat cures it
			sent    bool // it may have had an effect
			is      error
		}{
			{"401", lockerlinetest.Status(401), false, false, lockerline.ErrUnauthorized},
			{"403", lockerlinetest.Status(403), false, false, lockerline.ErrForbidden},
			{"404", lockerlinetest.Status(404), false, false, lockerline.ErrNotFound},
			{"429", lockerlinetest.RateLimited(0), true, false, lockerline.ErrRateLimited},
			{"500", lockerlinetest.Status(500), true, true, lockerline.ErrServer},
			{"502 as HTML", lockerlinetest.HTML(502), true, true, lockerline.ErrServer},
			{"503 empty", lockerlinetest.Answer(503, "", ""), true, true, lockerline.ErrServer},
			{"cut before", lockerlinetest.Disconnect(lockerlinetest.Before), true, true, nil},
			{"cut after", lockerlinetest.Disconnect(lockerlinetest.After), true, true, nil},
			{"cut within", lockerlinetest.Disconnect(lockerlinetest.Within), true, true, nil},
			{"truncated", lockerlinetest.Truncated(), false, true, nil},
			{"200 as HTML", lockerlinetest.HTML(200), false, true, nil},
			{"error with 200", foxtrottest.Code(200, foxtrot.CodeDCNotConfigured), false, false, foxtrot.ErrNotConfigured},
			{"pending", foxtrottest.Pending(), false, true, lockerline.ErrPending},
		} {
			t.Run(op.Name+"/"+tc.name, func(t *testing.T) {
				t.Parallel()
				srv, c := withHook(t)
				before := len(srv.Requests())
				srv.Fail(op.Name, tc.fault.Times(3))
				_, err := calls[op.Name](t.Context(), c)
				sent := len(srv.Requests()) - before
				if tc.name == "cut within" && op.Name == "webhooks.delete" {
					require.NoError(t, err, "the first took effect, and the status of the next is whole: it is gone")
					return
				}
				var e *lockerline.Error
				require.ErrorAs(t, err, &e)
				if tc.is != nil {
					assert.ErrorIs(t, err, tc.is)
				}
				assert.Equal(t, op.Name, e.Op)
				assert.Equal(t, op.Path, e.Path)
				assert.NotContains(t, err.Error(), srv.APIKey)
				assert.NotContains(t, err.Error(), srv.URL)
				assert.NotContains(t, err.Error(), "c-1001")
				repeat := tc.passing && (op.Idempotent || !tc.sent)
				if want := map[bool]int{true: 3, false: 1}[repeat]; assert.Equal(t, want, sent, "requests") {
					assert.Equal(t, want, e.Attempts)
				}
				assert.Equal(t, write(op) && !op.Idempotent && tc.sent, e.MaybeApplied)
				assert.Equal(t, e.MaybeApplied, isUnknown(err))
				if repeat && op.Method == "GET" {
					srv.Fail(op.Name, tc.fault)
					_, err = calls[op.Name](t.Context(), c)
					require.NoError(t, err, "a repeat cures it")
				}
			})
		}
	}
}

func TestOperations_TolerateHostileAnswers(t *testing.T) {
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
				_, err := calls[op.Name](t.Context(), over(t, answer(status, body)), lockerline.NoRetry())
				if err == nil {
					assert.Less(t, status, 300, "%s %s", op.Name, name)
					continue
				}
				var e *lockerline.Error
				require.ErrorAs(t, err, &e, "%s %s", op.Name, name)
				assert.Less(t, len(err.Error()), 300, "%s %s", op.Name, name)
				assert.NotContains(t, err.Error(), "\n")
				assert.LessOrEqual(t, len([]rune(e.Detail)), 300)
			}
		}
	}
}

func TestOperations_EndWithTheirContext(t *testing.T) {
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
		require.NotErrorIs(t, err, lockerline.ErrOutcomeUnknown, op.Name)
	}
	synctest.Test(t, func(t *testing.T) {
		for _, op := range foxtrot.Operations() {
			short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			start := time.Now()
			_, err := calls[op.Name](short, over(t, hang))
			cancel()
			assert.Equal(t, 5*time.Second, time.Since(start), op.Name)
			require.ErrorIs(t, err, context.DeadlineExceeded, op.Name)
			require.NotErrorIs(t, err, lockerline.ErrAttemptTimeout, op.Name)
			assert.Equal(t, !op.Idempotent, isUnknown(err), op.Name)
		}
	})
}

func TestOperationFromContext_KnowsTheOperationOfDo(t *testing.T) {
	t.Parallel()
	var seen []lockerline.Operation
	c := over(t, answer(200, `{}`), lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			op, _ := lockerline.OperationFromContext(r.Context())
			seen = append(seen, op)
			return next.RoundTrip(r)
		})
	}))
	ctx := t.Context()
	require.NoError(t, c.Do(ctx, lockerline.Request{Path: "/dcs/{dc}/drivers", Args: []string{"a"}}, nil))
	require.NoError(t, c.Do(ctx, lockerline.Request{Name: "routes.start", Method: "PUT", Path: "/x", Idempotent: true}, nil))
	require.NoError(t, c.Do(ctx, lockerline.Request{Method: "DELETE", Path: "/x"}, nil))
	assert.Equal(t, []lockerline.Operation{
		{Name: "GET /dcs/{dc}/drivers", Method: "GET", Path: "/dcs/{dc}/drivers", Idempotent: true},
		{Name: "routes.start", Method: "PUT", Path: "/x", Idempotent: true},
		{Name: "DELETE /x", Method: "DELETE", Path: "/x"},
	}, seen)
	_, ok := lockerline.OperationFromContext(ctx)
	assert.False(t, ok)
}
