package mutation

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the module's folder, seen from this package.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return dir
}

func TestTableFitsTheSource(t *testing.T) {
	t.Parallel()
	tests := map[string]string{}
	for _, m := range Table() {
		for _, e := range m.edits() {
			source, err := os.ReadFile(filepath.Join(root(t), e.File))
			require.NoError(t, err)
			assert.Equal(t, 1, strings.Count(string(source), e.Old), "%s: %q must occur once in %s", m.Rule, e.Old, e.File)
			assert.NotEqual(t, e.Old, e.New)
		}
		dir := filepath.Join(root(t), filepath.Dir(m.File))
		if tests[dir] == "" {
			files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
			require.NoError(t, err)
			for _, f := range files {
				b, err := os.ReadFile(f)
				require.NoError(t, err)
				tests[dir] += string(b)
			}
		}
		assert.Contains(t, tests[dir], "func "+m.Test+"(", "%s: there is no such test", m.Rule)
	}
}

func TestEveryBrokenRuleIsNoticed(t *testing.T) {
	if os.Getenv("MUTATION") == "" {
		t.Skip("set MUTATION=1 to break every rule in turn; takes minutes")
	}
	only := regexp.MustCompile(os.Getenv("MUTATION_RULE"))
	for i, m := range Table() {
		if !only.MatchString(m.Rule) {
			continue
		}
		t.Run(fmt.Sprintf("%02d %s", i, m.Rule), func(t *testing.T) {
			out, err := run(t, m)
			require.Error(t, err, "%s passes although the rule is broken", m.Test)
			// A test that hangs, or a panic, notices too; a package that does not build does not.
			noticed := strings.Contains(out, "--- FAIL: "+m.Test) || strings.Contains(out, "panic:") || strings.Contains(out, "goroutines are left")
			assert.True(t, noticed, "%s did not run: %s", m.Test, out)
		})
	}
}

// run gives the named test the broken source.
func run(t *testing.T, m Mutation) (string, error) {
	t.Helper()
	replace := map[string]string{}
	for _, e := range m.edits() {
		path := filepath.Join(root(t), e.File)
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		replace[path] = filepath.Join(t.TempDir(), "broken.go")
		broken := strings.Replace(string(source), e.Old, e.New, 1)
		require.NoError(t, os.WriteFile(replace[path], []byte(broken), 0o600))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	list := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(list, overlay, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-count=1", "-timeout=60s", "-overlay="+list, "-run=^"+m.Test+"$", "./"+filepath.Dir(m.File))
	cmd.Dir = root(t)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
