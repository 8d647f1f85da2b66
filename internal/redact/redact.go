// Package redact prints a text in place of a value that holds a secret.
package redact

import (
	"fmt"
	"io"
	"strconv"
)

// Text stands in place of a secret.
const Text = "[REDACTED]"

// Format writes text for a fmt.Formatter: in quotes for %q, as it is for every other verb.
func Format(f fmt.State, verb rune, text string) {
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text)
}
