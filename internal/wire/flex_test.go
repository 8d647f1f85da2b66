package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestText_IdentifierKeepsItsCharacters(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`"007"`: "007", `7`: "7", `12345678901234567890`: "12345678901234567890",
		`" padded "`: " padded ", `"John's id"`: "John's id", `""`: "", `1.50`: "1.50",
	} {
		var got Text
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		assert.Equal(t, Text{want, true}, got, raw)
	}
	var got Text
	require.NoError(t, json.Unmarshal([]byte(`null`), &got))
	assert.False(t, got.Set)
}

func TestInt_ReadsEverySpelling(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]int64{
		`4`: 4, `4.0`: 4, `"4"`: 4, `"4.0"`: 4, `1.5e12`: 1_500_000_000_000, `"1.5E+12"`: 1_500_000_000_000,
		`0`: 0, `-3`: -3, `9007199254740993`: 9007199254740993,
	} {
		var got Int
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		assert.Equal(t, Int{want, true}, got, raw)
	}
}

func TestInt_NullIsNotZero(t *testing.T) {
	t.Parallel()
	var in struct{ A, B, C, D Int }
	require.NoError(t, json.Unmarshal([]byte(`{"A":0,"B":null,"C":""}`), &in))
	require.NotNil(t, in.A.Ptr())
	assert.Zero(t, *in.A.Ptr())
	assert.Nil(t, in.B.Ptr())
	assert.Nil(t, in.C.Ptr())
	assert.Nil(t, in.D.Ptr())
	var fl struct{ A, B Float }
	require.NoError(t, json.Unmarshal([]byte(`{"A":0,"B":null}`), &fl))
	require.NotNil(t, fl.A.Ptr())
	assert.Nil(t, fl.B.Ptr())
}

func TestInt_OtherValuesAreRefused(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`4.5`, `"four"`, `true`, `{}`, `[]`, `1e300`, `"0x1p3"`, `"1_000"`, `"Inf"`, `"."`, `"e"`} {
		var typ *json.UnmarshalTypeError
		require.ErrorAs(t, json.Unmarshal([]byte(raw), new(Int)), &typ, raw)
	}
	for _, raw := range []string{`"north"`, `true`, `{}`, `[]`, `1e999`, `"NaN"`, `"1,5"`} {
		var typ *json.UnmarshalTypeError
		require.ErrorAs(t, json.Unmarshal([]byte(raw), new(Float)), &typ, raw)
	}
	require.Error(t, json.Unmarshal([]byte(`{}`), new(Text)))
}

func TestFloat_ReadsText(t *testing.T) {
	t.Parallel()
	var got Float
	require.NoError(t, json.Unmarshal([]byte(`"-74.1"`), &got))
	assert.InDelta(t, -74.1, got.Value, 0)
}

func FuzzFlex(f *testing.F) {
	for _, s := range []string{`0`, `null`, `"4.0"`, `1.5e12`, `""`, `" 7 "`, `-0`, `"-"`, `[1]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var (
			text Text
			n    Int
			fl   Float
		)
		valid := json.Valid(raw)
		for _, v := range []any{&text, &n, &fl} {
			if json.Unmarshal(raw, v) == nil && !valid {
				t.Fatalf("read %q, which is not JSON", raw)
			}
		}
	})
}
