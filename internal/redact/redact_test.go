package redact_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go/internal/redact"
)

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
