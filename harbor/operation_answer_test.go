package harbor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// badAnswers are answers with status 200 that are none. Those in lenient are taken by
// operations whose answer is not documented.
var badAnswers = map[string]string{
	"HTML": "<!DOCTYPE html><html><body>Sign in</body></html>", "text": "OK", "cut": `[{"id":959,"name":"1`, "cut object": `{"id":959,"na`,
	"number": "5", "word": `"ok"`, "false": "false", "list of null": "[null]", "list of numbers": "[1,2]", "nested list": "[[]]",
	"error body": `{"detail":"Locker not found"}`, "error list": `{"detail":[{"loc":["body",0],"msg":"wrong","type":"x"}]}`,
	"empty error list": `{"detail":[]}`, "OAuth error": `{"error":"invalid_token"}`, "wrong id": `{"id":{"a":1},"status":"x"}`,
	"wrong id in a list": `[{"id":[],"name":[]}]`, "two values": `{} {}`, "empty": "", "blank": " \r\n", "null": "null", "object": "{}",
}

var lenientAnswers = []string{"empty", "blank", "null", "object", "wrong id"}

// An unknown answer is never panicked at and never taken for a result.
func TestOperations_BadAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for _, o := range operations() {
		for name, body := range badAnswers {
			t.Run(o.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				m := newMock(t)
				m.answer(200, body)
				got, err := o.call(t.Context(), m.client(t))
				raw := o.name == "sessions.test_token" || o.name == "lockers.cancel_reservation"
				wellFormed := json.Valid([]byte(body)) && !strings.Contains(body, "error") && !strings.Contains(body, "detail")
				if o.lenient && (slices.Contains(lenientAnswers, name) || raw && wellFormed) {
					require.NoError(t, err)
					return
				}
				require.Error(t, err, "%+v", got)
				assert.Empty(t, got)
				e := requireAs[*lockerline.Error](t, err)
				assert.Equal(t, o.name, e.Op)
				assert.Equal(t, 200, e.StatusCode)
				if o.name == "locations.closest" && slices.Contains([]string{"empty", "blank", "null"}, name) {
					assert.ErrorIs(t, err, lockerline.ErrNotFound)
					return
				}
				d := requireAs[*lockerline.DecodeError](t, err)
				assert.NotEmpty(t, d.Reason)
				assert.LessOrEqual(t, len(d.Snapshot), 4<<10)
				assert.True(t, strings.HasPrefix(body, string(d.Snapshot)) || strings.HasPrefix(strings.TrimSpace(body), string(d.Snapshot)))
				assert.NotContains(t, err.Error(), "Sign in")
				assert.NotContains(t, err.Error(), "\n")
				assert.False(t, lockerline.Retryable(err))
				write := !idempotent(o.name)
				assert.Equal(t, write, e.MaybeApplied)
				assert.Equal(t, write, isErr(err, lockerline.ErrOutcomeUnknown))
			})
		}
	}
}

func idempotent(name string) bool {
	ops := harbor.Operations()
	return ops[slices.IndexFunc(ops, func(o lockerline.Operation) bool { return o.Name == name })].Idempotent
}

func TestOperations_AnswerOverTheLimitIsBounded(t *testing.T) {
	t.Parallel()
	huge := append(bytes.Repeat([]byte("x"), 8<<20), '"')
	huge[0] = '"'
	for _, o := range operations() {
		m := newMock(t)
		m.respond(func(*http.Request) (*http.Response, error) { return httpmock.NewBytesResponse(200, huge), nil })
		_, err := o.call(t.Context(), m.client(t))
		e := requireAs[*lockerline.Error](t, err)
		assert.Equal(t, 200, e.StatusCode, o.name)
		assert.Len(t, e.Body, 256<<10, o.name)
		assert.Less(t, len(e.Error()), 300, o.name)
		assert.False(t, lockerline.Retryable(err), o.name)
	}
}

func TestOperations_ErrorsKeepStatusAndBoundedBody(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{"HTML": "<html>502</html>", "empty": "", "cut": `{"detail":"No lo`, "huge": strings.Repeat("y", 300<<10), "null": "null"}
	for _, o := range operations() {
		for name, body := range bodies {
			for _, status := range []int{302, 400, 404, 418, 422, 501, 502} {
				m := newMock(t)
				m.answer(status, body)
				got, err := o.call(t.Context(), m.client(t))
				what := fmt.Sprint(o.name, " ", name, " ", status)
				e := requireAs[*lockerline.Error](t, err)
				assert.Empty(t, got, what)
				assert.Equal(t, status, e.StatusCode, what)
				assert.Equal(t, body[:min(len(body), 256<<10)], string(e.Body), what)
				assert.Empty(t, e.Detail, what)
				assert.Contains(t, e.Error(), strconv.Itoa(status), what)
			}
		}
	}
}

// Each documented answer with each of its keys dropped, nulled and doubled gives a result
// or a typed error, never a panic and never a result without its identity.
func TestOperations_KeysMayBeDroppedAndNullButNotDoubled(t *testing.T) {
	t.Parallel()
	// Without these there is nothing to return.
	needed := map[string][]string{
		"location": {"id"}, "locations": {"id"}, "locations_area": {"id"}, "lockers": {"id"},
		"availability": {"byType.lockerAvailability"}, "locker_token": {"payload", "payload_auth"}, "link": {"id"},
		"user_token": {"access_token"}, "locker_types": {"id"},
	}
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			for _, mutant := range mutants(t, fixture(t, o.fixture)) {
				m := newMock(t)
				m.answer(200, mutant.body)
				got, err := o.call(t.Context(), m.client(t))
				switch {
				case mutant.how == "doubled":
					require.NoError(t, err, mutant)
					if o.name != "sessions.test_token" { // which gives back what came
						assert.Equal(t, withoutRaw(o.want), withoutRaw(normal(got)), mutant)
					}
				case slices.Contains(needed[o.fixture], mutant.path):
					requireAs[*lockerline.DecodeError](t, err)
				case err != nil:
					requireAs[*lockerline.DecodeError](t, err)
					assert.Equal(t, "availability", o.fixture, "%v: %v", mutant, err) // a count that is not there
				default:
					assert.NotEmpty(t, got, mutant)
				}
			}
		})
	}
}

func withoutRaw(v any) any {
	if l, ok := v.(*harbor.Link); ok {
		plain := *l
		plain.Raw = nil
		return &plain
	}
	return v
}

// mutant is a document with one key changed.
type mutant struct{ how, path, body string }

func mutants(t *testing.T, doc []byte) (out []mutant) {
	var v any
	require.NoError(t, json.Unmarshal(doc, &v))
	var paths []string
	var collect func(v any, at string)
	collect = func(v any, at string) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				collect(e, at)
			}
		case map[string]any:
			for k, e := range v {
				p := strings.TrimPrefix(at+"."+k, ".")
				if !slices.Contains(paths, p) {
					paths = append(paths, p)
				}
				collect(e, p)
			}
		}
	}
	collect(v, "")
	slices.Sort(paths)
	for _, p := range paths {
		for _, how := range []string{"dropped", "nulled", "doubled"} {
			out = append(out, mutant{how, p, render(v, "", p, how)})
		}
	}
	return out
}

// render writes a document with the key at a path changed wherever it occurs.
func render(v any, at, path, how string) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = render(e, at, path, how)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var parts []string
		for k, e := range v {
			p := strings.TrimPrefix(at+"."+k, ".")
			pair := strconv.Quote(k) + ":" + render(e, p, path, how)
			switch {
			case p != path:
				parts = append(parts, pair)
			case how == "nulled":
				parts = append(parts, strconv.Quote(k)+":null")
			case how == "doubled":
				parts = append(parts, pair, pair)
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	b, _ := json.Marshal(v)
	return string(b)
}
