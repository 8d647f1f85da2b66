package lockerline_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

// block is a fenced piece of the README.
type block struct{ language, text string }

func readme(t *testing.T) (whole string, blocks []block) {
	t.Helper()
	b, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(b), -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	return string(b), blocks
}

func goBlocks(t *testing.T) (programs, tests, fragments []string) {
	t.Helper()
	_, blocks := readme(t)
	for _, b := range blocks {
		switch {
		case b.language != "go":
		case strings.HasPrefix(b.text, "package main\n"):
			programs = append(programs, b.text)
		case strings.HasPrefix(b.text, "package "):
			tests = append(tests, b.text)
		default:
			fragments = append(fragments, b.text)
		}
	}
	return programs, tests, fragments
}

func save(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestReadme_DeliveryDelivers(t *testing.T) {
	t.Parallel()
	programs, _, _ := goBlocks(t)
	require.Len(t, programs, 2)
	out, err := exec.CommandContext(t.Context(), "go", "run", save(t, "main.go", programs[0])).CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "the parcel is in the locker: occupied\n", string(out))
}

func TestReadme_TestPasses(t *testing.T) {
	t.Parallel()
	_, tests, _ := goBlocks(t)
	require.Len(t, tests, 1)
	out, err := exec.CommandContext(t.Context(), "go", "test", save(t, "shop_test.go", tests[0])).CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestReadme_ReceiverReceives(t *testing.T) {
	t.Parallel()
	programs, _, _ := goBlocks(t)
	require.Len(t, programs, 2)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	const fixed = "127.0.0.1:8080"
	require.Equal(t, 1, strings.Count(programs[1], fixed))
	binary := filepath.Join(t.TempDir(), "receiver")
	source := save(t, "main.go", strings.Replace(programs[1], fixed, address, 1))
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, source).CombinedOutput()
	require.NoError(t, err, string(out))

	var printed bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Stdout, cmd.Stderr = &printed, &printed
	require.NoError(t, cmd.Start())
	send := func(user, password string) int {
		body := strings.NewReader(`{"reservationId":"R-1","status":"PICKED_UP","changeTime":"2026-01-02T08:31:58.113Z"}`)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/callbacks", body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.SetBasicAuth(user, password)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return 0
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	require.Eventually(t, func() bool { return send("parcel", "change me") == http.StatusOK }, 20*time.Second, 20*time.Millisecond)
	assert.Equal(t, http.StatusOK, send("parcel", "change me"), "a duplicate is acknowledged")
	assert.Equal(t, http.StatusUnauthorized, send("parcel", "wrong"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err = exec.CommandContext(ctx, binary).CombinedOutput()
	assert.Error(t, err, "the address is taken")
	require.NoError(t, ctx.Err(), "a receiver that cannot listen must end: %s", out)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait(), printed.String())
	assert.Equal(t, 1, strings.Count(printed.String(), "R-1 was picked up"), printed.String())
}

// TestReadme_FragmentsStandInExamples demands that a piece of code that is no program
// stands, line for line, in an Example whose output is checked.
func TestReadme_FragmentsStandInExamples(t *testing.T) {
	t.Parallel()
	_, _, fragments := goBlocks(t)
	require.NotEmpty(t, fragments)
	var examples strings.Builder
	files, err := filepath.Glob("*/example*_test.go")
	require.NoError(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		examples.WriteString(unindented(string(b)))
	}
	for _, f := range fragments {
		assert.True(t, strings.Contains(examples.String(), unindented(f)), "no Example holds:\n%s", f)
	}
}

func unindented(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimLeft(line, "\t"))
	}
	return b.String()
}

func TestReadme_DiagramIsGenerated(t *testing.T) {
	t.Parallel()
	_, blocks := readme(t)
	found := false
	for _, b := range blocks {
		if b.language == "mermaid" {
			assert.Equal(t, harbor.Diagram(), b.text)
			found = true
		}
	}
	assert.True(t, found, "the README draws the life of a locker")
}

func TestReadme_EachGuaranteeNamesItsTest(t *testing.T) {
	t.Parallel()
	whole, _ := readme(t)
	rows := 0
	for line := range strings.Lines(whole) {
		links := regexp.MustCompile(`\[(Test\w+)\]\(([\w/]+)\)`).FindAllStringSubmatch(line, -1)
		if len(links) > 0 {
			rows++
		}
		for _, l := range links {
			files, err := filepath.Glob(filepath.Join(l[2], "*_test.go"))
			require.NoError(t, err)
			var sources strings.Builder
			for _, f := range files {
				b, err := os.ReadFile(f)
				require.NoError(t, err)
				sources.Write(b)
			}
			assert.True(t, strings.Contains(sources.String(), "func "+l[1]+"(t *testing.T)"), "%s is not in %s", l[1], l[2])
		}
	}
	assert.GreaterOrEqual(t, rows, 12)
}

func TestReadme_LinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"} {
		b, err := os.ReadFile(page)
		require.NoError(t, err)
		b = regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAll(b, nil)
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(string(b), -1) {
			if !strings.Contains(m[1], "://") {
				assert.FileExists(t, orDir(m[1]), "%s links to %s", page, m[1])
			}
		}
		for _, m := range regexp.MustCompile("`go run (?:-C )?(?:\\./)?(examples/\\w+)").FindAllStringSubmatch(string(b), -1) {
			assert.FileExists(t, filepath.Join(m[1], "main.go"), "%s tells to run %s", page, m[1])
		}
	}
}

// orDir returns a file to look for in place of a folder.
func orDir(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) > 0 {
			return files[0]
		}
	}
	return path
}
