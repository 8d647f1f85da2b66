package mutation

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

// rule is one safety rule and how to break it.
type rule struct {
	name  string // the rule in words
	test  string // must fail
	in    string // the test's package; that of the first edit when empty
	file  string // the rule's own, below testdata
	edits []edit
}

// edit replaces a text that stands once in a source file, named from the module's root.
type edit struct{ source, before, after string }

// root is the folder of the module whose rules these are.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return dir
}

func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all = append(all, readRule(t, path))
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// readRule reads a txtar archive: the comment holds "rule:", "test:" and, when the test is
// not beside the source, "in:" with its package; pairs of files named "old: SOURCE" and
// "new" hold the edits.
func readRule(t *testing.T, path string) rule {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	archive := txtar.Parse(data)
	r := rule{file: path}
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "rule":
			r.name = value
		case "test":
			r.test = value
		case "in":
			r.in = value
		default:
			require.Fail(t, "unknown line", "%s: %q", path, line)
		}
	}
	require.NotEmpty(t, r.name, path)
	require.NotEmpty(t, r.test, path)
	require.NotEmpty(t, archive.Files, path)
	require.Zero(t, len(archive.Files)%2, "%s: an old text without a new one", path)
	for i := 0; i < len(archive.Files); i += 2 {
		source, found := strings.CutPrefix(archive.Files[i].Name, "old: ")
		require.True(t, found, "%s: %q is not an old text", path, archive.Files[i].Name)
		require.Equal(t, "new", archive.Files[i+1].Name, path)
		r.edits = append(r.edits, edit{source, text(archive.Files[i]), text(archive.Files[i+1])})
	}
	if r.in == "" {
		r.in = filepath.Dir(r.edits[0].source)
	}
	return r
}

// text is what a file of an archive holds, without the line break that the format adds.
func text(f txtar.File) string { return strings.TrimSuffix(string(f.Data), "\n") }
