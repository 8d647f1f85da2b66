package redact_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/internal/redact"
)

type account struct {
	redact.Hidden
	name, password string
}

func TestHidden_NothingPrintsTheStruct(t *testing.T) {
	t.Parallel()
	for _, v := range []any{account{name: "ana", password: "hunter2"}, &account{name: "ana", password: "hunter2"}} {
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		for _, text := range []string{string(raw), log.String(), fmt.Sprintf("%v %+v %#v %s", v, v, v, v)} {
			assert.Contains(t, text, redact.Text)
			assert.NotContains(t, text, "ana")
		}
	}
}

type secret struct{ text string }

func (s secret) Format(f fmt.State, verb rune) { redact.Format(f, verb, redact.Text) }

func TestFormat_NoVerbPrintsTheValue(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{
		"%v": redact.Text, "%+v": redact.Text, "%#v": redact.Text, "%s": redact.Text, "%x": redact.Text, "%d": redact.Text,
		"%q": `"` + redact.Text + `"`,
	} {
		assert.Equal(t, want, fmt.Sprintf(verb, secret{"hunter2"}), verb)
	}
}
