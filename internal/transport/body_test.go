package transport

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

type shaped struct{}

func (*shaped) UnmarshalJSON([]byte) error { return &wire.ShapeError{Reason: "a tower has no id"} }

func TestDecode_AnswerThatCannotBeReadSaysWhatAndWhere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body   string
		out    any
		reason string
		offset int64
	}{
		"empty":            {"", new(locker), "empty, or null", -1},
		"white space":      {" \r\n", new(locker), "empty, or null", -1},
		"null":             {" null\n", new(locker), "empty, or null", -1},
		"byte order mark":  {"\xef\xbb\xbf", new(locker), "empty, or null", -1},
		"HTML":             {"\n<html>x", new(locker), "HTML or XML", 1},
		"words":            {"sorry", new(locker), "not JSON", 1},
		"cut":              {`{"id":48213,"ref`, new(locker), "cut off", 16},
		"wrong end":        {`{"id":1]`, new(locker), "not JSON", 8},
		"two values":       {`{"id":1}{"id":2}`, new(locker), "not JSON", 9},
		"string for int":   {`{"id":"7"}`, new(locker), "field id: string where int64 belongs", 9},
		"number too large": {`{"id":1e99}`, new(locker), "field id: number where int64 belongs", 10},
		"nested":           {`{"location":{"lat":true}}`, new(locker), "field location.lat: bool where float64 belongs", 23},
		"array":            {`[]`, new(locker), "array where object belongs", 1},
		"object":           {`{}`, new([]locker), "object where array belongs", 1},
		"unnamed": {`[]`, new(struct {
			ID int `json:"id"`
		}), "array where object belongs", 1},
		"own words":     {`{"tower":{}}`, new(struct{ Tower shaped }), "a tower has no id", -1},
		"others' words": {`{"created_at":"yesterday"}`, new(locker), "wrong shape", -1},
		"deep":          {strings.Repeat("[", 20000), new(any), "not JSON", 10001},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, tc.body) })
				in := read()
				in.Out = tc.out
				f := g.call(t, in)
				d, ok := f.Err.(*lockerline.DecodeError)
				require.True(t, ok, "%T, which the packages above look for", f.Err)
				assert.Contains(t, d.Reason, tc.reason)
				assert.Equal(t, tc.offset, d.Offset)
				assert.Equal(t, 200, f.StatusCode)
				assert.Equal(t, 1, f.Attempts, "the same answer would come again")
				assert.LessOrEqual(t, len(d.Snapshot), maxSnapshot)
				assert.Contains(t, f.Error(), "things.get: answer cannot be read: ")
				assert.Contains(t, f.Error(), "(last answer was 200)")
			})
		})
	}
}

func TestDecodeError_SnapshotOutlivesTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, _ *http.Request, n int) {
			answer(w, 200, strings.Repeat(string(rune('a'+n)), 9000))
		})
		in := read()
		in.Out = new(locker)
		first := g.call(t, in)
		for range 5 {
			g.call(t, in)
		}
		d := first.Err.(*lockerline.DecodeError)
		assert.Equal(t, strings.Repeat("b", maxSnapshot), string(d.Snapshot), "buffers are pooled")
		assert.Equal(t, strings.Repeat("b", 9000), string(first.Body))
	})
}

func TestDo_EmptyAnswerIsOneWhereAllowed(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", " \n"} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, body) })
			out := map[string]int{"untouched": 1}
			in := read()
			in.Out, in.AllowEmpty = &out, true
			res, err := g.Do(t.Context(), in)
			require.NoError(t, err)
			assert.True(t, res.Empty)
			assert.Equal(t, map[string]int{"untouched": 1}, out)
		})
	}
}

func TestDo_AnswerThatIsNotWantedIsNotRead(t *testing.T) {
	t.Parallel()
	for body, empty := range map[string]bool{"": true, "null": true, html: false, "{}": false} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, body) })
			res, err := g.Do(t.Context(), read())
			require.NoError(t, err)
			assert.Equal(t, empty, res.Empty)
		})
	}
}

func TestDecode_ByteOrderMarkDoesNoHarm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 201, "\xef\xbb\xbf{\"id\":7}\r\n") })
		var out struct{ ID int }
		in := read()
		in.Out = &out
		_, err := g.Do(t.Context(), in)
		require.NoError(t, err)
		assert.Equal(t, 7, out.ID)
	})
}

// FuzzDecode: no answer makes the decoder panic, and no failure repeats the answer.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{string(oneLocker), `{"id":"marker-marker"}`, "<html>", `{"a":`, "[]", "\x00", `{"created_at":"marker-marker"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body := trim(raw)
		if len(body) == 0 {
			return
		}
		out := new(locker)
		var e *lockerline.DecodeError
		if err := Decode(body, out); err != nil {
			e = err.(*lockerline.DecodeError)
		}
		if err := json.Unmarshal(body, new(locker)); (err == nil) != (e == nil) {
			t.Fatalf("decode says %v, encoding/json %v", e, err)
		}
		if e == nil {
			return
		}
		if e.Reason == "" || len(e.Snapshot) > maxSnapshot || e.Offset < -1 || e.Offset > int64(len(body))+1 {
			t.Fatalf("%+v", e)
		}
		if strings.Contains(string(body), "marker-marker") && strings.Contains(e.Error(), "marker-marker") {
			t.Fatalf("the answer is in %q", e.Error())
		}
	})
}
