package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A slow moment of the machine hits both: the ratio of a round stays.
func TestSummary_NoiseThatHitsBothLeavesTheRatio(t *testing.T) {
	t.Parallel()
	base := []sample{{ns: 100}, {ns: 900}, {ns: 100}, {ns: 400}}
	own := []sample{{ns: 110, allocs: 5.03}, {ns: 990, allocs: 5}, {ns: 110, allocs: 5}, {ns: 440, allocs: 5.04}}
	r := summary(own, base)
	assert.InDelta(t, 1.1, r.ratio, 1e-9)
	assert.InDelta(t, 1.1, r.fastRatio, 1e-9)
	assert.InDelta(t, 275, r.medianNs, 1e-9)
	assert.Equal(t, 5.0, r.allocs, "whole")
	assert.Equal(t, 6.0, summary([]sample{{allocs: 5.97}}, []sample{{ns: 1}}).allocs)
}

func TestSummary_Quantiles(t *testing.T) {
	t.Parallel()
	v := []float64{5, 1, 4, 2, 3}
	for q, want := range map[float64]float64{0: 1, 0.1: 1.4, 0.25: 2, 0.5: 3, 1: 5} {
		assert.InDelta(t, want, quantile(v, q), 1e-9, "%v", q)
	}
	assert.Equal(t, []float64{5, 1, 4, 2, 3}, v, "the samples keep their order")
}
