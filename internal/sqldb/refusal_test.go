package sqldb

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

func TestReasonsAreToldFromWhatDriversShow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want Reason
	}{
		{codeError(5), Locked},
		{codeError(5 | 2<<8), Locked}, // an extended code
		{codeError(26), Corrupt},
		{codeError(1), 0},
		{stateError("25006"), ReadOnly},
		{stateError("42P10"), ForeignSchema},
		{stateError("XX001"), Corrupt},
		{stateError("08006"), 0},
		{errors.New("attempt to write a readonly database"), ReadOnly},
		{errors.New("no such column: x"), ForeignSchema},
		{errors.New("connection refused"), 0},
		{context.DeadlineExceeded, Locked},
		{context.Canceled, 0},
	} {
		r := (&Tables{Reasons: errOwn}).refusal(&Error{"put", c.err})
		assert.Equal(t, errOwn[c.want], r.Reason, "%v", c.err)
		require.ErrorIs(t, r, c.err)
	}
}

func TestWhatTheDatabaseSaysOutranksTheGuessThatTablesAreForeign(t *testing.T) {
	t.Parallel()
	tables := &Tables{Reasons: errOwn}
	guess := func(err error) error { return fmt.Errorf("rehearse: %w", &Refusal{errOwn[ForeignSchema], err}) }
	assert.Equal(t, errOwn[Corrupt], tables.refusal(guess(codeError(11))).Reason)
	assert.Equal(t, errOwn[ForeignSchema], tables.refusal(guess(codeError(1))).Reason)
	assert.NoError(t, tables.refusal(guess(context.Canceled)).Reason)
	// Any other reason was not guessed.
	assert.Equal(t, errOwn[NotDurable], tables.refusal(&Refusal{errOwn[NotDurable], codeError(11)}).Reason)
}

func TestErrorsAreOneShortLine(t *testing.T) {
	t.Parallel()
	said := errors.New("a\nb\x00c\xff" + strings.Repeat("ü", 2000))
	for _, text := range []string{OneLine(said.Error()), (&Error{"put", said}).Error(), (&Refusal{errOwn[Corrupt], said}).Error()} {
		assert.True(t, utf8.ValidString(text))
		assert.NotContains(t, text, "\n")
		assert.NotContains(t, text, "\x00")
		assert.LessOrEqual(t, len(text), 1<<10+20)
	}
}
