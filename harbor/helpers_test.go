package harbor_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

// requireAs finds an error of a type.
func requireAs[E error](t testing.TB, err error) E {
	t.Helper()
	e, ok := errors.AsType[E](err)
	require.True(t, ok, "%T: %v", err, err)
	return e
}

func fieldsOf(e *lockerline.ArgumentError) (names []string) {
	for _, f := range e.Fields {
		names = append(names, f.Field)
	}
	return names
}

func isErr(err, target error) bool { return errors.Is(err, target) }
