package harbor

import (
	"fmt"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-querystring/query"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestArea_NumbersAreSentInFull(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		34.0: "34", -118.0: "-118", 1e-7: "0.0000001", 12345678.9: "12345678.9", 0: "0", 34.0561: "34.0561",
		-0.000001234: "-0.000001234", 1e21: "1000000000000000000000", math.SmallestNonzeroFloat64: "",
	} {
		v, err := query.Values(closestQuery{Lat: decimal(f), Lon: decimal(f), Radius: decimal(f)})
		require.NoError(t, err)
		got := v.Get("radius")
		if want != "" {
			assert.Equal(t, want, got)
		}
		assert.NotContains(t, got, "e")
		back, err := strconv.ParseFloat(got, 64)
		require.NoError(t, err)
		assert.Equal(t, f, back, "nothing is lost")
		v, err = query.Values(inAreaQuery{corner{f, f}, corner{34, -118}})
		require.NoError(t, err)
		assert.Equal(t, got+","+got, v.Get("start"))
		assert.Equal(t, "34,-118", v.Get("end"))
	}
}

func FuzzPosition(f *testing.F) {
	f.Add(34.0, -118.0)
	f.Add(1e-7, 12345678.9)
	f.Fuzz(func(t *testing.T, lat, lng float64) {
		if math.IsNaN(lat) || math.IsNaN(lng) || math.IsInf(lat, 0) || math.IsInf(lng, 0) {
			return
		}
		v := url.Values{}
		require.NoError(t, corner{lat, lng}.EncodeValues("p", &v))
		a, b, _ := strings.Cut(v.Get("p"), ",")
		x, err := strconv.ParseFloat(a, 64)
		require.NoError(t, err)
		y, err := strconv.ParseFloat(b, 64)
		require.NoError(t, err)
		if x != lat || y != lng || strings.ContainsAny(v.Get("p"), "eE") {
			t.Fatal(v)
		}
	})
}

// A tag that is misspelt would send a field under its Go name, or send it always.
func TestQuery_StructsHaveTags(t *testing.T) {
	t.Parallel()
	for _, q := range []any{inAreaQuery{}, closestQuery{}, pageQuery{}} {
		typ := reflect.TypeOf(q)
		seen := map[string]bool{}
		for i := range typ.NumField() {
			f := typ.Field(i)
			what := fmt.Sprintf("%s.%s", typ.Name(), f.Name)
			tag, ok := f.Tag.Lookup("url")
			require.True(t, ok, what)
			parts := strings.Split(tag, ",")
			assert.Regexp(t, `^[a-z][A-Za-z]*$`, parts[0], what)
			assert.False(t, seen[parts[0]], what)
			seen[parts[0]] = true
			for _, option := range parts[1:] {
				assert.True(t, slices.Contains([]string{"omitempty"}, option), "%s: option %q is unknown to go-querystring here", what, option)
			}
			if f.Type.Kind() == reflect.Pointer {
				assert.Contains(t, parts[1:], "omitempty", "%s: nil must be left out", what)
			}
			if f.Type.Kind() == reflect.Float64 {
				_, encodes := reflect.Zero(f.Type).Interface().(query.Encoder)
				assert.True(t, encodes, "%s: a number must be a decimal, or it comes in exponent form", what)
			}
		}
	}
	v, err := query.Values(closestQuery{HasKeypad: new(false)})
	require.NoError(t, err)
	assert.Equal(t, "false", v.Get("hasKeypad"), "false is not nothing")
	assert.False(t, v.Has("ownedByMe"))
}
