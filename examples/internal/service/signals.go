package service

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// UntilEnded returns a context that ends when the program is asked to end. Where the
// system tells that the reader of the output went away, that is such a request too: an
// example gives its locker back before it exits.
func UntilEnded(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, append([]os.Signal{os.Interrupt, syscall.SIGTERM}, outputClosed...)...)
}
