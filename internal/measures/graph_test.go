package main

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGraph_StandsInTheArchitecture(t *testing.T) {
	t.Parallel()
	picture, err := graph(root)
	require.NoError(t, err)
	page, err := os.ReadFile(root + "/docs/architecture.md")
	require.NoError(t, err)
	assert.Contains(t, string(page), "```mermaid\n"+picture+"```", "go run -C internal/measures . graph draws it anew")
}

func TestGraph_ArrowsPointDown(t *testing.T) {
	t.Parallel()
	floor := map[string]int{}
	for i, l := range layers {
		for _, p := range l.packages {
			floor[p] = i
		}
	}
	imports, err := importsOf(root)
	require.NoError(t, err)
	require.NotEmpty(t, imports)
	for from, all := range imports {
		for _, to := range all {
			assert.LessOrEqual(t, floor[from], floor[to], "%s imports %s, which stands above it", from, to)
		}
	}
	vendors := []string{"harbor", "foxtrot", "callbacks"}
	for _, v := range vendors {
		for _, to := range imports[v] {
			assert.False(t, slices.Contains(vendors, to), "%s imports %s", v, to)
		}
	}
}
