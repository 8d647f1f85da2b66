package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type item struct {
	N    int    `json:"n"`
	Text string `json:"text"`
	Sub  []*int `json:"sub"`
}

func TestList_IsReadBareAndInAnEnvelope(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`[{"n":1},{"n":2}]`, ` [ {"n":1} , {"n":2} ] `, `{"items":[{"n":1},{"n":2}]}`,
		`{"results":[{"n":1},{"n":2}],"total":2}`, `{"items":[{"n":1},{"n":2}],"more":[]}`,
	} {
		var l List[item]
		require.NoError(t, json.Unmarshal([]byte(raw), &l), raw)
		assert.Equal(t, List[item]{{N: 1}, {N: 2}}, l, raw)
	}
	var empty List[item]
	require.NoError(t, json.Unmarshal([]byte(`[]`), &empty))
	assert.NotNil(t, empty, "an empty list is one")
}

func TestList_OtherAnswersAreErrorsNotEmptyLists(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`null`, `7`, `"[]"`, `{}`, `{"detail":[{"msg":"no"}]}`, `{"id":3,"lockers":[]}`, `{"a":[],"b":[]}`, `{"items":7}`,
	} {
		var l List[item]
		assert.Error(t, json.Unmarshal([]byte(raw), &l), raw)
	}
}

func TestList_NullElementIsNeverAZeroValue(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`[null]`, `[{"n":1},null]`, `{"items":[ null ]}`, `[null,{"n":1}]`} {
		var l List[item]
		assert.Error(t, json.Unmarshal([]byte(raw), &l), raw)
	}
	for _, raw := range []string{
		`[{"text":null}]`, `[{"text":"null"}]`, `[{"text":"\"null"}]`, `[{"text":"\\"},{"text":"null"}]`, `[{"sub":[null]}]`,
	} {
		var l List[item]
		assert.NoError(t, json.Unmarshal([]byte(raw), &l), raw)
	}
	var words List[string]
	require.NoError(t, json.Unmarshal([]byte(`["null","n"]`), &words))
	assert.Len(t, words, 2)
}

func TestList_TextIsReadAsJSONReadsIt(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`"plain"`, `""`, `" kept "`, `"é"`, `"\u00e9\n\"x\""`, `"a\\b"`, "\"\xff\"", `"0100000000000175"`} {
		var want string
		require.NoError(t, json.Unmarshal([]byte(raw), &want))
		var got Text
		require.NoError(t, json.Unmarshal([]byte(raw), &got), raw)
		assert.Equal(t, Text{want, true}, got, raw)
	}
}

func FuzzList(f *testing.F) {
	for _, s := range []string{`[]`, `[null]`, `["a\\\"null",{"b":[null]}]`, `{"items":[1]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var plain []*json.RawMessage
		if json.Unmarshal(raw, &plain) != nil || plain == nil {
			return
		}
		null := false
		for _, p := range plain {
			null = null || p == nil
		}
		var l List[json.RawMessage]
		if err := json.Unmarshal(raw, &l); (err != nil) != null {
			t.Fatalf("%q: null %v, error %v", raw, null, err)
		}
	})
}
