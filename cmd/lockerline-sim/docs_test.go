package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page is a walk-through: its shell blocks, one after the other, work as they stand.
func TestDocumentation_EachCommandWorks(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	page, err := os.ReadFile("../../docs/simulator.md")
	require.NoError(t, err)
	var script strings.Builder
	script.WriteString("set -euo pipefail\n")
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		script.WriteString(block[1])
	}
	c := begin(t, "-client-secret", "secret", "-foxtrot-key", "key", "-alzabox-secret", "secret")
	commands := strings.NewReplacer("http://127.0.0.1:8480", c.here.APIURL, "http://127.0.0.1:8481", c.here.FoxtrotURL,
		"http://127.0.0.1:8482", c.here.AlzaBox.APIURL).Replace(script.String())
	cmd := exec.CommandContext(t.Context(), "bash", "-c", commands)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	for _, want := range []string{`"status":"occupied"`, `"status":"STOCKED"`, `"status":"PICKED_UP"`, `"version":1`, "Corner Shop"} {
		assert.Contains(t, string(out), want)
	}
}

// Each path below /_sim/ that the program serves stands on the page.
func TestDocumentation_NamesEachPath(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/simulator.md")
	require.NoError(t, err)
	source, err := os.ReadFile("control.go")
	require.NoError(t, err)
	paths := regexp.MustCompile(`"(?:GET|POST|DELETE) (/_sim/[a-z/]*)`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(paths), 10)
	for _, p := range paths {
		assert.Contains(t, string(page), p[1])
	}
}
