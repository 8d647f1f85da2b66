package transport

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func TestDo_LastAnswerSurvivesExhaustedRetries(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"JSON":     `{"detail":"tower offline"}`,
		"HTML":     html,
		"empty":    "",
		"cut JSON": `{"detail":"tow`,
		"binary":   "\x00\xff\x1f\x8b",
	} {
		for _, status := range []int{404, 429, 503} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					g := virtual(t, func(w http.ResponseWriter, _ *http.Request, n int) {
						w.Header().Set("X-Request-Id", "req-"+string(rune('0'+n)))
						answer(w, status, body)
					})
					f := g.call(t, read())
					assert.Equal(t, status, f.StatusCode)
					assert.Equal(t, body, string(f.Body))
					assert.Equal(t, "req-"+string(rune('0'+f.Attempts)), f.RequestID)
					assert.NoError(t, f.Err)
				})
			})
		}
	}
}

func TestDo_LastAnswerSurvivesCancelInBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("X-Request-Id", "req-7")
			w.Header().Set("Retry-After", "25")
			answer(w, 503, `{"detail":"tower offline"}`)
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errShutdown) })
		_, err := g.Do(ctx, read())
		require.ErrorIs(t, err, errShutdown)
		f := failureOf(t, err)
		assert.Equal(t, 503, f.StatusCode)
		assert.Equal(t, "req-7", f.RequestID)
		assert.Equal(t, 25*time.Second, f.RetryAfter)
		assert.JSONEq(t, `{"detail":"tower offline"}`, string(f.Body))
	})
}

// What is known of the server is worth more than the last thing the network did.
func TestDo_LastAnswerSurvivesALostConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) {
			then(n, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 503, "busy") }, cut)(w, r, n)
		})
		f := g.call(t, read())
		assert.Equal(t, 503, f.StatusCode)
		assert.Equal(t, "busy", string(f.Body))
		assert.Error(t, f.Err)
		assert.Contains(t, f.Error(), "last answer was 503")
	})
}

// The status of a refusal is the answer, whatever became of its body.
func TestDo_CutRefusalKeepsItsStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 422, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, half(status))
			f := g.call(t, read())
			assert.Equal(t, status, f.StatusCode)
			assert.Equal(t, `{"half":`, string(f.Body))
			assert.NoError(t, f.Err)
			if status < 429 {
				assert.Equal(t, 1, g.hits(), "asking again changes nothing about %d", status)
			}
		})
	}
}

func TestDo_CutSuccessIsRepeatedForReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) { then(n, half(200), statuses(200))(w, r, n) })
		res, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 2, res.Attempts)
	})
}

func TestDo_BodyOfARefusalIsBounded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{maxRefusal, maxRefusal + 1, 1 << 20} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 404, strings.Repeat("x", size)) })
			f := g.call(t, read())
			assert.Equal(t, 404, f.StatusCode)
			assert.Len(t, f.Body, maxRefusal)
		})
	}
}

func TestDo_AnswerOverTheLimitIsATypedEnd(t *testing.T) {
	t.Parallel()
	for _, size := range []int{maxAnswer, maxAnswer + 1} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				_, _ = w.Write(append(bytes.Repeat([]byte(" "), size-2), "{}"...))
			})
			in := read()
			in.Out = new(struct{})
			_, err := g.Do(t.Context(), in)
			assert.Equal(t, 1, g.hits(), "a repeat would be as large")
			if size == maxAnswer {
				assert.NoError(t, err)
				return
			}
			f := failureOf(t, err)
			require.ErrorIs(t, err, errTooLarge)
			assert.Equal(t, 200, f.StatusCode)
			assert.LessOrEqual(t, len(f.Body), maxRefusal)
		})
	}
}

func TestDo_ResultDescribesTheAnswer(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"X-Request-Id": "r1", "X-Correlation-Id": "r1", "Request-Id": "r1", "X-Amzn-Requestid": "r1", "Cf-Ray": "r1", "Server": "",
	} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set(header, "r1")
				time.Sleep(time.Second)
				answer(w, 201, `{"id":7}`)
			})
			var out struct{ ID int }
			in := read()
			in.Out = &out
			res, err := g.Do(t.Context(), in)
			require.NoError(t, err)
			assert.Equal(t, Result{CallMeta: lockerline.CallMeta{Operation: "things.get", StatusCode: 201, RequestID: want, Attempts: 1, Duration: time.Second}}, res)
			assert.Equal(t, 7, out.ID)
		})
	}
}

func TestDo_RequestIDIsBounded(t *testing.T) {
	t.Parallel()
	assert.Len(t, requestID(http.Header{"X-Request-Id": {strings.Repeat("x", 5000)}}), 128)
}
