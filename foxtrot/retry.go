package foxtrot

import (
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// RetryPolicy bounds the attempts of a call. What may be tried again at all is a property
// of each operation: see Operation.Idempotent. Waits double from MinWait to MaxWait, the
// second half of each at random. A wait that Foxtrot asks for (Retry-After) is kept if it
// is longer, unless it is over MaxRetryAfter or beyond the deadline of the call's
// context: then the call ends at once, with the wait in Error.RetryAfter.
type RetryPolicy struct {
	MaxAttempts   int           // tries of one call, the first included; at least 1
	MinWait       time.Duration // before the second try; positive
	MaxWait       time.Duration // cap of what MinWait is doubled to
	MaxRetryAfter time.Duration // longest wait taken from the server; 0 takes none
}

// DefaultRetryPolicy returns what a client uses without WithRetry: 4 attempts, 250 ms to
// 8 s, and at most 30 s at the server's wish.
func DefaultRetryPolicy() RetryPolicy { return RetryPolicy(transport.DefaultRetry) }
