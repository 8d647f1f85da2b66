package harbor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Code in the package documentation is taken from Examples, which are compiled and run.
func TestDoc_CodeIsInExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("example*_test.go")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(b)) {
			known[strings.TrimSpace(strings.TrimPrefix(line, "//"))] = true
		}
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(doc)) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			n++
			assert.True(t, known[strings.TrimSpace(code)], "in no example: %s", code)
		}
	}
	assert.Greater(t, n, 10)
}
