package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The command as a user runs it, but short.
func TestPage_OneCommandDrawsItWithItsChart(t *testing.T) {
	docs := filepath.Join(t.TempDir(), "docs")
	var out bytes.Buffer
	require.NoError(t, run(options{rounds: 1, slice: time.Millisecond, docs: docs}, &out))
	text, err := os.ReadFile(filepath.Join(docs, "benchmarks.md"))
	require.NoError(t, err)
	picture, err := os.ReadFile(filepath.Join(docs, "benchmarks.svg"))
	require.NoError(t, err)
	for _, c := range contestants {
		assert.Contains(t, string(text), "| "+c.name+" | ")
		assert.Contains(t, string(picture), ">"+c.name+"</text>")
		if c.module != "" {
			assert.NotEmpty(t, versionOf(c.module), c.name)
		}
	}
	for _, b := range bars {
		assert.Contains(t, string(text), "| "+b.what+" | "+b.metric.unit+" | ")
	}
	assert.Contains(t, string(text), "go run -C internal/benchmarks .")
	assert.NotContains(t, string(text), "NaN")
	assertDrawn(t, picture)
}

func TestCheck_WritesNothing(t *testing.T) {
	docs := filepath.Join(t.TempDir(), "docs")
	if err := run(options{rounds: 1, slice: time.Millisecond, docs: docs, check: true}, io.Discard); err != nil {
		t.Logf("one short round is no measure: %v", err)
	}
	assert.NoDirExists(t, docs)
}

func TestOptions_WrongOnesAreRefused(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]options{
		"-n must be at least 1":          {rounds: 0, slice: time.Second},
		"-slice must be positive":        {rounds: 1},
		`there is no scene "loopback/0"`: {rounds: 1, slice: time.Second, only: "loopback/0"},
	} {
		require.EqualError(t, run(o, io.Discard), want)
	}
}

// What is committed must have been drawn with what is compared now.
func TestPage_CommittedOneIsOfTheseVersions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/benchmarks.md")
	require.NoError(t, err)
	for _, c := range contestants {
		if c.name != ourClient {
			assert.Contains(t, string(text), "| "+c.name+" | "+versionOf(c.module)+" | ", "draw it again: go run -C internal/benchmarks .")
		}
	}
	picture, err := os.ReadFile("../../docs/benchmarks.svg")
	require.NoError(t, err)
	assertDrawn(t, picture)
}

// assertDrawn checks a picture: well-formed, named for who does not see it, for light and
// dark, and no bar outside.
func assertDrawn(t *testing.T, picture []byte) {
	t.Helper()
	want := 0
	for _, p := range panels {
		want += len(p.rows)
	}
	got := 0
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" && strings.HasPrefix(attribute(e, "class"), "bar") {
			got++
			assert.LessOrEqual(t, number(t, attribute(e, "x"))+number(t, attribute(e, "width")), float64(barsRight)+0.1)
		}
	}
	assert.Equal(t, want, got)
	assert.Contains(t, string(picture), "<desc")
	assert.Contains(t, string(picture), "prefers-color-scheme: dark")
}
