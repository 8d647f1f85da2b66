package tokens

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// withWholeSeconds spells expires_in of a token endpoint's answer as x/oauth2 wants it.
// The library gives up the whole token for 300.0; and what cannot be read as a number is
// as good as missing.
func withWholeSeconds(body []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields["expires_in"] == nil {
		return body
	}
	fields["expires_in"] = strconv.AppendInt(nil, wholeSeconds(string(fields["expires_in"])), 10)
	if rewritten, err := json.Marshal(fields); err == nil {
		return rewritten
	}
	return body
}

// wholeSeconds reads a JSON number, or one in a string; 0 stands for none.
func wholeSeconds(raw string) int64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(strings.Trim(raw, `"`)), 64)
	switch {
	case errors.Is(err, strconv.ErrRange): // f is infinite, and its sign is right
	case err != nil, math.IsNaN(f), math.IsInf(f, 0):
		return 0
	}
	return int64(max(0, min(f, math.MaxInt32)))
}
