package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"
)

// sample is one runner in one round, by operation.
type sample struct {
	ns, bytes, allocs float64
}

// measureAll measures all runners of all scenes in each round. Within a round all have
// the same number of operations, in an order of chance: whatever else the machine does
// hits all alike.
func measureAll(scenes []scene, rounds int, slice time.Duration, progress io.Writer) (results, error) {
	ctx := context.Background()
	ops := make([]int, len(scenes))
	for i, s := range scenes {
		n, err := calibrate(ctx, s, slice)
		if err != nil {
			return nil, err
		}
		ops[i] = n
	}
	samples := make([][][]sample, len(scenes)) // by scene, runner, round
	for i, s := range scenes {
		samples[i] = make([][]sample, len(s.runners))
	}
	for round := range rounds {
		for i, s := range scenes {
			for _, k := range rand.Perm(len(s.runners)) {
				one, err := measure(ctx, s, s.runners[k], ops[i])
				if err != nil {
					return nil, err
				}
				samples[i][k] = append(samples[i][k], one)
			}
		}
		if progress != nil && (round+1)%100 == 0 {
			fmt.Fprintf(progress, "round %d of %d\n", round+1, rounds)
		}
	}
	return summarize(scenes, samples), nil
}

// minOps is enough for counting: what is pooled is warm before.
const minOps = 5

// calibrate runs every runner once and finds how many operations fill a slice.
func calibrate(ctx context.Context, s scene, slice time.Duration) (ops int, err error) {
	for _, r := range s.runners {
		if _, err := measure(ctx, s, r, minOps); err != nil {
			return 0, err
		}
		if r.name != s.against {
			continue
		}
		for n := 5; ; n *= 2 {
			one, err := measure(ctx, s, r, n)
			if err != nil {
				return 0, err
			}
			if took := time.Duration(one.ns * float64(n)); took >= slice/4 {
				ops = max(minOps, int(float64(slice)/one.ns))
				break
			}
		}
	}
	return ops, nil
}

// measure runs r n times by each of the scene's callers.
func measure(ctx context.Context, s scene, r runner, n int) (sample, error) {
	runtime.GC() // none pays for what another one left
	// A connection, pooled buffers and the scheduler are warm again after a few.
	if err := repeat(ctx, r, 5); err != nil {
		return sample{}, fmt.Errorf("%s, %s: %w", s.name, r.name, err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	started := time.Now()
	err := together(s.callers, func() error { return repeat(ctx, r, n) })
	took := time.Since(started)
	runtime.ReadMemStats(&after)
	if err != nil {
		return sample{}, fmt.Errorf("%s, %s: %w", s.name, r.name, err)
	}
	total := float64(n * s.callers)
	return sample{
		ns:     float64(took) / total,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / total,
		allocs: float64(after.Mallocs-before.Mallocs) / total,
	}, nil
}

func repeat(ctx context.Context, r runner, n int) error {
	for range n {
		if err := r.once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// together runs f in as many goroutines and returns one of their errors.
func together(callers int, f func() error) error {
	if callers == 1 {
		return f()
	}
	errs := make(chan error, callers)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() { errs <- f() })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
