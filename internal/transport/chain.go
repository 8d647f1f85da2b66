package transport

import "context"

// ChainHooks returns hooks that tell both a and b, in this order.
func ChainHooks(a, b Hooks) Hooks {
	return Hooks{
		CallStart: chainStart(a.CallStart, b.CallStart),
		CallEnd:   chain(a.CallEnd, b.CallEnd),
		Attempt:   chain(a.Attempt, b.Attempt),
		Retry:     chain(a.Retry, b.Retry),
		Unknown:   chain(a.Unknown, b.Unknown),
	}
}

func chain[E any](a, b func(context.Context, E)) func(context.Context, E) {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(ctx context.Context, e E) {
		a(ctx, e)
		b(ctx, e)
	}
}

func chainStart(a, b func(context.Context, CallEvent) context.Context) func(context.Context, CallEvent) context.Context {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(ctx context.Context, e CallEvent) context.Context {
		if derived := a(ctx, e); derived != nil {
			ctx = derived
		}
		return b(ctx, e)
	}
}
