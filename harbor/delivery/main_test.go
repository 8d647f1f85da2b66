package delivery_test

import (
	"testing"

	"github.com/lockerline/lockerline-go/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }
