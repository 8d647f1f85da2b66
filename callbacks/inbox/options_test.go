package inbox_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/sqlstore"
)

func TestOption_AllFaultsAreInOneError(t *testing.T) {
	t.Parallel()
	_, err := inbox.New(inbox.NewMemory(), nil, inbox.WithTable("Inbox; DROP"), inbox.WithStoreTimeout(0),
		inbox.WithMaxPending(0, 0), inbox.WithRetention(-1))
	for _, word := range []string{"WithTable", "WithStoreTimeout", "WithMaxPending", "WithRetention"} {
		require.ErrorContains(t, err, word)
	}
	assert.NotContains(t, err.Error(), "\n")
	b := newBench(t, inbox.NewMemory())
	nothing := func(context.Context, inbox.Event[move]) error { return nil }
	err = inbox.Run(t.Context(), b.box, moves, nothing, nil, inbox.WithWorkers(0), inbox.WithTries(0),
		inbox.WithBackoff(2, 1), inbox.WithLease(0), inbox.WithPoll(-time.Second), inbox.WithDrain(0))
	for _, word := range []string{"WithWorkers", "WithTries", "WithBackoff", "WithLease", "WithPoll", "WithDrain"} {
		require.ErrorContains(t, err, word)
	}
	assert.NotContains(t, err.Error(), "\n")
}

func TestNew_MissingPartsAreErrors(t *testing.T) {
	t.Parallel()
	_, err := inbox.New(nil)
	require.Error(t, err)
	_, err = inbox.Open(t.Context(), nil, sqlstore.SQLite)
	require.Error(t, err)
	_, err = inbox.Open(t.Context(), new(sql.DB), sqlstore.Dialect{})
	require.Error(t, err)
	b := newBench(t, inbox.NewMemory())
	require.Error(t, inbox.Run[move](t.Context(), b.box, moves, nil))
	require.Error(t, inbox.HandleTx[move](t.Context(), b.box, moves, nil))
	require.Error(t, inbox.Run(t.Context(), b.box, callbacks.Feed[move]{Name: "moves"}, inbox.Values(func(context.Context, move) error { return nil })))
	_, err = inbox.NewSink(b.box, callbacks.Feed[move]{})
	require.Error(t, err)
	_, err = inbox.NewSink(b.box, callbacks.Feed[move]{Name: "moves"})
	require.ErrorContains(t, err, "Decode")
}

func TestHandleTx_StoreWithoutTransactionsIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, inbox.NewMemory())
	err := inbox.HandleTx(t.Context(), b.box, moves, func(context.Context, *sql.Tx, inbox.Event[move]) error { return nil })
	require.ErrorIs(t, err, inbox.ErrNoTx)
}

func TestState_NameIsReadable(t *testing.T) {
	t.Parallel()
	var states []string
	for s := inbox.StateWaiting; s <= inbox.StateQuarantined+1; s++ {
		states = append(states, s.String())
	}
	assert.Equal(t, []string{"waiting", "handled", "dead", "quarantined", "unknown"}, states)
}
