package harbor_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestDiagram_HoldsTheTable(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(harbor.Diagram(), "\n"), "\n")
	require.Equal(t, "stateDiagram-v2", lines[0])
	require.Equal(t, "    [*] --> available", lines[1])
	arrow := regexp.MustCompile(`^    (\w+) --> (\w+): (.+)$`)
	type row struct{ from, event, to string }
	drawn := map[row]int{}
	for _, line := range lines[2:] {
		m := arrow.FindStringSubmatch(line)
		require.NotNil(t, m, line)
		for event := range strings.SplitSeq(m[3], ", ") {
			drawn[row{m[1], event, m[2]}]++
		}
	}
	want := map[row]int{}
	for _, r := range harbor.Transitions() {
		want[row{string(r.From), string(r.Event), string(r.To)}] = 1
	}
	assert.Equal(t, want, drawn)
}
