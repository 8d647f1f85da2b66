package delivery_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/lockerline/lockerline-go/internal/leaktest"
)

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(crowdVariable)); err == nil {
		serveCrowd(n)
		return
	}
	leaktest.Main(m)
}
