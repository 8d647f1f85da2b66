package delivery_test

import (
	"testing"

	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/delivery/deliverytest"
)

func TestMemoryStore_KeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	deliverytest.RunStoreTests(t, func(*testing.T) delivery.Store { return delivery.NewMemoryStore() })
}
