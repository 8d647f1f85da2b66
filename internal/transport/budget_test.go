package transport

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/racetest"
)

// cost is what one run of f takes from the heap, on average.
func cost(t *testing.T, f func()) (allocs, bytes int64) {
	t.Helper()
	f() // fills the pools
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
	return r.AllocsPerOp(), r.AllocedBytesPerOp()
}

func getter[T any](t *testing.T, c *Client) func() {
	return func() {
		if _, err := c.Do(t.Context(), Call{Op: opBench, Args: []string{"1"}, Out: new(T)}); err != nil {
			t.Error(err)
		}
	}
}

func TestDo_OneGetStaysWithinItsBudget(t *testing.T) {
	if racetest.Enabled {
		t.Skip("the race detector allocates")
	}
	allocs, bytes := cost(t, getter[locker](t, cannedClient(t, oneLocker)))
	t.Logf("%d allocations, %d bytes", allocs, bytes)
	assert.LessOrEqual(t, allocs, int64(62))
	assert.LessOrEqual(t, bytes, int64(6200))
}

func TestDo_PageStaysWithinItsBudget(t *testing.T) {
	if racetest.Enabled {
		t.Skip("the race detector allocates")
	}
	jsonAllocs, _ := cost(t, func() {
		if err := json.Unmarshal(pageOfLockers, new([]locker)); err != nil {
			t.Error(err)
		}
	})
	allocs, bytes := cost(t, getter[[]locker](t, cannedClient(t, pageOfLockers)))
	t.Logf("JSON alone %d allocations; the pipeline %d, %d bytes", jsonAllocs, allocs, bytes)
	assert.LessOrEqual(t, allocs, jsonAllocs*105/100+20)
	assert.LessOrEqual(t, bytes, int64(130_000))
}

func TestWithHooks_ThoseThatAreNotSetCostNothing(t *testing.T) {
	if racetest.Enabled {
		t.Skip("the race detector allocates")
	}
	run := func(opts ...func(*setup)) float64 {
		return testing.AllocsPerRun(500, getter[locker](t, newTestClient(t, "https://api.example", canned(oneLocker), opts)))
	}
	none := run()
	nobody := run(func(c *setup) {
		c.Hooks = lockerline.Hooks{Retry: func(context.Context, lockerline.RetryEvent) {}, Unknown: func(context.Context, lockerline.UnknownEvent) {}}
	})
	assert.InDelta(t, none, nobody, 0.5, "nor do hooks that are not called")
	quiet := run(func(c *setup) { add(c, lockerline.WithLogger(slog.New(slog.DiscardHandler))) })
	assert.InDelta(t, none, quiet, 0.5, "nor does a logger that discards")
	all := run(func(c *setup) {
		c.Hooks = lockerline.Hooks{
			CallStart: func(ctx context.Context, _ lockerline.CallEvent) context.Context { return ctx },
			CallEnd:   func(context.Context, lockerline.CallEvent) {},
			Attempt:   func(context.Context, lockerline.AttemptEvent) {},
		}
	})
	assert.LessOrEqual(t, all, none+3)
	require.Positive(t, none)
}
