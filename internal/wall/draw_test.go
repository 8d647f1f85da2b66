package wall

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestDiagram_DrawsTheWholeTable(t *testing.T) {
	t.Parallel()
	svg := Diagram()
	events := map[[2]string][]string{}
	nodes := 0
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, "it is well-formed")
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "g" {
			a := map[string]string{}
			for _, attr := range e.Attr {
				a[attr.Name.Local] = attr.Value
			}
			if a["class"] == "node" {
				nodes++
				continue
			}
			events[[2]string{a["data-from"], a["data-to"]}] = strings.Fields(a["data-events"])
		}
	}
	assert.Equal(t, len(harbor.LockerStatuses()), nodes)
	drawn := 0
	for _, es := range events {
		drawn += len(es)
	}
	for _, row := range harbor.Transitions() {
		assert.Contains(t, events[[2]string{string(row.From), string(row.To)}], string(row.Event))
	}
	assert.Equal(t, len(harbor.Transitions()), drawn, "and nothing else")
	assert.NotContains(t, svg, "NaN")
}

func TestDiagram_EachStatusHasAPlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	all := places()
	for s, p := range all {
		assert.Contains(t, knownPlaces, s)
		for other, q := range all {
			if s != other {
				assert.False(t, abs(p.x-q.x) < 2*nodeHalfW && abs(p.y-q.y) < 2*nodeHalfH, "%s covers %s", s, other)
			}
		}
	}
}

func abs(v float64) float64 { return max(v, -v) }

func TestLayout_DoorsStandInEvenColumnsAndNoneIsLost(t *testing.T) {
	t.Parallel()
	sizes := []string{"small", "small", "small", "small", "small", "medium", "medium", "medium", "large", "large", "x-large", "x-large"}
	var doors []Door
	for i, size := range sizes {
		doors = append(doors, Door{Number: fmt.Sprint(i + 1), Size: size})
	}
	arrange(doors)
	heights := map[int]int{}
	var numbers []string
	for i, d := range doors {
		heights[d.Column] += d.Units
		numbers = append(numbers, d.Number)
		if i > 0 && doors[i-1].Column == d.Column {
			assert.LessOrEqual(t, doors[i-1].Units, d.Units, "small ones stand on top")
		}
	}
	assert.Equal(t, map[int]int{0: 13, 1: 13, 2: 13}, heights)
	slices.Sort(numbers)
	assert.Len(t, slices.Compact(numbers), len(sizes))
	assert.Len(t, Tower{Doors: doors}.Columns(), 3)
	arrange(nil)
	assert.Empty(t, Tower{}.Columns())
}

func TestLayout_DoorsAreCountedAsPeopleDo(t *testing.T) {
	t.Parallel()
	doors := []Door{{Number: "10"}, {Number: "9"}, {Number: "A"}, {Number: "2"}}
	slices.SortFunc(doors, byNumber)
	assert.Equal(t, "2", doors[0].Number)
	assert.Equal(t, "9", doors[1].Number)
	assert.Equal(t, "10", doors[2].Number)
}
