package wire

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTime_ReadsEverySpelling(t *testing.T) {
	t.Parallel()
	want := time.Date(2025, 10, 9, 8, 53, 20, 0, time.UTC)
	for _, raw := range []string{
		`1760000000000`, `"1760000000000"`, `1.76e12`, `"1.76e12"`, `1760000000000.0`,
		`"2025-10-09T08:53:20Z"`, `"2025-10-09T08:53:20.000Z"`, `"2025-10-09T08:53:20"`,
		`"2025-10-09T08:53:20.000000"`, `"2025-10-09 08:53:20"`, `"2025-10-09 08:53:20Z"`,
		`"2025-10-09t08:53:20z"`, `"2025-10-09T08:53:20+00:00"`, `"2025-10-09T03:53:20-05:00"`,
		`"2025-10-09T03:53:20-0500"`, `"2025-10-09 08:53:20+00"`, ` "2025-10-09T08:53:20Z" `,
		`" 1760000000000 "`,
	} {
		var got Time
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		assert.True(t, got.Set, raw)
		assert.True(t, want.Equal(got.At), "%s gave %s", raw, got.At)
	}
}

func TestTime_ZeroMillisecondsAreAMomentAndNullIsNone(t *testing.T) {
	t.Parallel()
	var in struct{ A, B, C, D, E Time }
	require.NoError(t, json.Unmarshal([]byte(`{"A":0,"B":null,"C":"","D":"0001-01-01T00:00:00Z"}`), &in))
	require.NotNil(t, in.A.Ptr())
	assert.True(t, in.A.Ptr().Equal(time.Unix(0, 0)))
	for _, none := range []Time{in.B, in.C, in.D, in.E} {
		assert.Nil(t, none.Ptr())
		assert.True(t, none.At.IsZero())
	}
}

func TestTime_KeepsTheFractionAndTheOffset(t *testing.T) {
	t.Parallel()
	var got Time
	require.NoError(t, json.Unmarshal([]byte(`"2025-10-09T03:53:20.123456789-05:00"`), &got))
	assert.Equal(t, 123456789, got.At.Nanosecond())
	_, offset := got.At.Zone()
	assert.Equal(t, -5*3600, offset)
	require.NoError(t, json.Unmarshal([]byte(`1760000000000.5`), &got))
	assert.Equal(t, 500_000, got.At.Nanosecond())
}

func TestTime_RefusesOtherTexts(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`"tomorrow"`, `"2025-13-09T08:53:20Z"`, `true`, `{}`, `[]`, `1e300`, `"NaN"`, `"inf"`, `"0x10"`,
		`9223372036854775807`, `"99999999999999999999999999"`, `"--1"`, `"-"`, `"1-1"`,
	} {
		var in struct {
			At Time `json:"at"`
		}
		err := json.Unmarshal([]byte(`{"at":`+raw+`}`), &in)
		var typ *json.UnmarshalTypeError
		require.ErrorAs(t, err, &typ, raw)
		// Go 1.27 no longer adds the name to what an Unmarshaler returns.
		assert.Contains(t, []string{"at", ""}, typ.Field, raw)
		assert.NotContains(t, err.Error(), "tomorrow")
	}
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{`0`, `null`, `"2025-10-09T08:53:20Z"`, `"1760000000000"`, `1e400`, `-1.5e3`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got Time
		if json.Unmarshal(raw, &got) != nil {
			return
		}
		if !got.Set {
			if !got.At.IsZero() {
				t.Fatal("unset but not zero")
			}
			return
		}
		out, err := json.Marshal(got.At)
		if err != nil {
			t.Fatalf("read %q as a time that cannot be written: %v", raw, err)
		}
		var again Time
		if err := json.Unmarshal(out, &again); err != nil || again.Set && !again.At.Equal(got.At) {
			t.Fatalf("%s became %v: %v", out, again.At, err)
		}
	})
}
