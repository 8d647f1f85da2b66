package callbackstest

import (
	"testing"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func TestMemoryKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	RunStoreTests(t, func(*testing.T) inbox.Store { return inbox.NewMemory() })
}
