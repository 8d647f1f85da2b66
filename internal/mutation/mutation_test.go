package mutation

import (
	"context"
	"encoding/json"
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

func TestRules_FitTheSource(t *testing.T) {
	t.Parallel()
	tests := map[string]string{}
	names := map[string]string{}
	for _, r := range rules(t) {
		assert.Empty(t, names[r.name], "%s and %s have one name", r.file, names[r.name])
		names[r.name] = r.file
		for _, e := range r.edits {
			source, err := os.ReadFile(filepath.Join(root(t), e.source))
			if assert.NoError(t, err, r.file) {
				assert.Equal(t, 1, strings.Count(string(source), e.before), "%s: %q must stand once in %s", r.file, e.before, e.source)
			}
			assert.NotEqual(t, e.before, e.after, r.file)
		}
		dir := filepath.Join(root(t), r.in)
		if tests[dir] == "" {
			tests[dir] = testsIn(t, dir)
		}
		assert.Contains(t, tests[dir], "func "+r.test+"(", "%s: there is no such test", r.file)
	}
}

func testsIn(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		all.Write(b)
	}
	return all.String()
}

func TestRules_EachBrokenOneIsNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("breaks every rule in turn, which takes minutes")
	}
	only := regexp.MustCompile(os.Getenv("RULE"))
	for _, r := range rules(t) {
		if !only.MatchString(r.name) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			out, err := runBroken(t, r)
			require.Error(t, err, "%s passes although the rule is broken", r.test)
			// A test that hangs, or a panic, notices too; a package that does not build does not.
			noticed := strings.Contains(out, "--- FAIL: "+r.test) || strings.Contains(out, "panic:") || strings.Contains(out, "goroutines are left")
			assert.True(t, noticed, "%s did not run: %s", r.test, out)
		})
	}
}

// runBroken runs the rule's test on the sources with its edits.
func runBroken(t *testing.T, r rule) (string, error) {
	t.Helper()
	replace := map[string]string{}
	for _, e := range r.edits {
		path := filepath.Join(root(t), e.source)
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		replace[path] = filepath.Join(t.TempDir(), "broken.go")
		broken := strings.Replace(string(source), e.before, e.after, 1)
		require.NoError(t, os.WriteFile(replace[path], []byte(broken), 0o600))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	list := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(list, overlay, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-count=1", "-timeout=60s", "-ldflags=-s -w",
		"-overlay="+list, "-run=^"+r.test+"$", "./"+r.in)
	cmd.Dir = root(t)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
