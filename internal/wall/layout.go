package wall

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// columnUnits is about how high a bank of doors is.
const columnUnits = 14

// units is how high a door of a size is.
func units(size string) int {
	switch strings.ToLower(strings.TrimSpace(size)) {
	case "small", "s", "x-small", "xs":
		return 2
	case "large", "l":
		return 4
	case "x-large", "xl", "extra large":
		return 6
	}
	return 3
}

// arrange puts the doors of a tower into columns of about the same height, the small ones
// on top as on the street. The same doors always get the same places.
func arrange(doors []Door) {
	total := 0
	for i := range doors {
		doors[i].Units = units(doors[i].Size)
		total += doors[i].Units
	}
	slices.SortStableFunc(doors, func(a, b Door) int {
		return cmp.Or(cmp.Compare(b.Units, a.Units), byNumber(a, b))
	})
	heights := make([]int, max(1, (total+columnUnits-1)/columnUnits))
	for i := range doors {
		lowest := slices.Index(heights, slices.Min(heights))
		doors[i].Column = lowest
		heights[lowest] += doors[i].Units
	}
	slices.SortStableFunc(doors, func(a, b Door) int {
		return cmp.Or(cmp.Compare(a.Column, b.Column), cmp.Compare(a.Units, b.Units), byNumber(a, b))
	})
}

// byNumber orders doors as people count: 2 before 10.
func byNumber(a, b Door) int {
	x, errX := strconv.Atoi(a.Number)
	y, errY := strconv.Atoi(b.Number)
	if errX == nil && errY == nil {
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.Locker, b.Locker))
	}
	return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Locker, b.Locker))
}

// Columns are the doors by column, for the page.
func (t Tower) Columns() [][]Door {
	var columns [][]Door
	for _, d := range t.Doors {
		for len(columns) <= d.Column {
			columns = append(columns, nil)
		}
		columns[d.Column] = append(columns[d.Column], d)
	}
	return columns
}
