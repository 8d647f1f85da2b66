package main

import (
	"math"
	"slices"
)

// results are by scene and runner.
type results map[string]map[string]result

// result is a runner over all rounds.
type result struct {
	fastNs, medianNs float64 // what a tenth, and half, of the rounds were faster than
	ratio            float64 // to the scene's measure, round by round: the median
	low, high        float64 // between which half of those ratios are
	fastRatio        float64 // of the two fastNs
	bytes, allocs    float64 // medians, whole
}

func summarize(scenes []scene, samples [][][]sample) results {
	all := results{}
	for i, s := range scenes {
		base := slices.IndexFunc(s.runners, func(r runner) bool { return r.name == s.against })
		of := map[string]result{}
		for k, r := range s.runners {
			of[r.name] = summary(samples[i][k], samples[i][base])
		}
		all[s.name] = of
	}
	return all
}

func summary(own, base []sample) result {
	ns := func(s sample) float64 { return s.ns }
	ratios := make([]float64, len(own))
	for i := range own {
		ratios[i] = own[i].ns / base[i].ns
	}
	fast := quantile(column(own, ns), 0.1)
	return result{
		fastNs: fast, medianNs: quantile(column(own, ns), 0.5),
		ratio: quantile(ratios, 0.5), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75),
		fastRatio: fast / quantile(column(base, ns), 0.1),
		bytes:     math.Round(quantile(column(own, func(s sample) float64 { return s.bytes }), 0.5)),
		// A buffer that the collector took from a pool is a fraction of an allocation.
		allocs: math.Floor(quantile(column(own, func(s sample) float64 { return s.allocs }), 0.5) + 0.1),
	}
}

func column(samples []sample, f func(sample) float64) []float64 {
	out := make([]float64, len(samples))
	for i, s := range samples {
		out[i] = f(s)
	}
	return out
}

// quantile is the value that the share q of all is below; between two, the mean of them
// by their distance.
func quantile(v []float64, q float64) float64 {
	v = slices.Sorted(slices.Values(v))
	at := q * float64(len(v)-1)
	low := int(at)
	if low+1 == len(v) {
		return v[low]
	}
	return v[low] + (at-float64(low))*(v[low+1]-v[low])
}
