package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type codeError int

func (e codeError) Error() string { return "code" }
func (e codeError) Code() int     { return int(e) }

type stateError string

func (e stateError) Error() string    { return "state" }
func (e stateError) SQLState() string { return string(e) }

func TestOpenError_ReasonIsReadFromDriversErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want error
	}{
		{codeError(5), ErrLocked},
		{codeError(5 | 2<<8), ErrLocked}, // an extended code
		{codeError(26), ErrCorrupt},
		{codeError(1), nil},
		{stateError("25006"), ErrReadOnly},
		{stateError("42P10"), ErrForeignSchema},
		{stateError("XX001"), ErrCorrupt},
		{stateError("08006"), nil},
		{errors.New("attempt to write a readonly database"), ErrReadOnly},
		{errors.New("no such column: x"), ErrForeignSchema},
		{errors.New("connection refused"), nil},
		{context.DeadlineExceeded, ErrLocked},
		{context.Canceled, nil},
	} {
		e := openError(SQLite, &Error{"put", c.err})
		assert.Equal(t, c.want, e.Reason, "%v", c.err)
		require.ErrorIs(t, e, c.err)
	}
}

func TestOpenError_DriversErrorOutranksForeignSchema(t *testing.T) {
	t.Parallel()
	guess := func(err error) error { return fmt.Errorf("verify: %w", &OpenError{Reason: ErrForeignSchema, Err: err}) }
	assert.Equal(t, ErrCorrupt, openError(SQLite, guess(codeError(11))).Reason)
	assert.Equal(t, ErrForeignSchema, openError(SQLite, guess(codeError(1))).Reason)
	assert.NoError(t, openError(SQLite, guess(context.Canceled)).Reason)
	// Any other reason is certain.
	assert.Equal(t, ErrNotDurable, openError(SQLite, &OpenError{Reason: ErrNotDurable, Err: codeError(11)}).Reason)
}

func TestError_TextIsOneShortLine(t *testing.T) {
	t.Parallel()
	said := errors.New("a\nb\x00c\xff" + strings.Repeat("ü", 2000))
	for _, text := range []string{OneLine(said.Error()), (&Error{"put", said}).Error(), (&OpenError{"sqlite", ErrCorrupt, said}).Error()} {
		assert.True(t, utf8.ValidString(text))
		assert.NotContains(t, text, "\n")
		assert.NotContains(t, text, "\x00")
		assert.LessOrEqual(t, len(text), 1<<10+120)
	}
}
