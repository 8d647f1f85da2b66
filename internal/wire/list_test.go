package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListIsBareOrInAnEnvelope(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]List[int]{
		`[]`: {}, `[1,2]`: {1, 2}, `{"items":[1,2],"total":2}`: {1, 2}, `{"items":[1],"links":[]}`: {1}, `{"data":[3],"next":null}`: {3},
	} {
		var got List[int]
		require.NoError(t, json.Unmarshal([]byte(body), &got), body)
		assert.Equal(t, want, got, body)
	}
}

// An empty list must never stand for an answer that was not understood.
func TestWhatIsNoListIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`null`, `5`, `"[]"`, `{}`, `{"items":null}`, `{"a":[],"b":[]}`, `{"detail":[]}`, `{"error":"x","data":[]}`, `{"errors":[]}`, `{"id":1,"byType":[]}`,
		`["a"]`, `{"items":{}}`,
	} {
		got := List[int]{7}
		require.Error(t, got.UnmarshalJSON([]byte(body)), body)
		assert.Equal(t, List[int]{7}, got, body)
	}
}

func TestTextIsReadAsJSONReadsIt(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`"plain"`, `""`, `" kept "`, `"é"`, `"\u00e9\n\"x\""`, `"a\\b"`, "\"\xff\"", `"0100000000000175"`} {
		var want string
		require.NoError(t, json.Unmarshal([]byte(raw), &want))
		var got Text
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		assert.Equal(t, Text{want, true}, got, raw)
	}
}
