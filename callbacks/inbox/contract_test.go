package inbox_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// hangingStore is a Memory whose Put a test can make hang.
type hangingStore struct {
	*inbox.Memory
	writing sync.RWMutex
}

func (s *hangingStore) Put(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
	s.writing.RLock()
	defer s.writing.RUnlock()
	return s.Memory.Put(ctx, r)
}

func TestSink_KeepsTheContract(t *testing.T) {
	t.Parallel()
	callbackstest.TestSink(t, func(t *testing.T) callbackstest.SinkFixture {
		store := &hangingStore{Memory: inbox.NewMemory()}
		box, err := inbox.New(store)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, box.Close(context.WithoutCancel(t.Context()))) })
		return callbackstest.SinkFixture{
			Sink: inbox.Sink(box, callbacks.Reservations()),
			Kept: func(body []byte) bool {
				entries, err := store.List(context.WithoutCancel(t.Context()), inbox.Filter{Limit: 1000})
				assert.NoError(t, err)
				for _, e := range entries {
					if string(e.Raw) == string(body) {
						return true
					}
				}
				return false
			},
			Block: func() (release func()) {
				store.writing.Lock()
				return sync.OnceFunc(store.writing.Unlock)
			},
		}
	})
}
