package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnquote_ReadsText(t *testing.T) {
	t.Parallel()
	for quoted, want := range map[string]string{
		`""`: "", `"plain"`: "plain", `" kept "`: " kept ", `"é"`: "é", `"\u017elu\u0165 \ud83d\udc0e"`: "žluť 🐎",
		`"\"\\"`: `"\`, `"\ufffd"`: "\uFFFD", `"\uFFFD"`: "\uFFFD", "\"\uFFFD\"": "\uFFFD",
	} {
		got, ok := Unquote([]byte(quoted))
		assert.True(t, ok, quoted)
		assert.Equal(t, want, got, quoted)
	}
}

func TestUnquote_BrokenTextIsRefused(t *testing.T) {
	t.Parallel()
	for _, quoted := range []string{`"\ud800"`, `"\udfff"`, `"a\ud83d b"`, "\"\xff\"", `"`, `"a`, `7`, `null "`, `"a" "b"`} {
		_, ok := Unquote([]byte(quoted))
		assert.False(t, ok, quoted)
	}
}
