package inboxtests

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// onEach runs a test on both databases.
func onEach(t *testing.T, test func(t *testing.T, db *sql.DB, box *inbox.Box, table string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db, table := openSQLite(t, sqliteFile(t)), nextTable()
		test(t, db, openBox(t, db, sqlstore.SQLite, inbox.WithTable(table)), table)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db, table := openPostgres(t), nextTable()
		test(t, db, openBox(t, db, sqlstore.Postgres, inbox.WithTable(table)), table)
	})
}

func accept(t testing.TB, box *inbox.Box, cs ...testChange) {
	t.Helper()
	for _, c := range cs {
		_, err := newSink(t, box).Accept(t.Context(), deliveryOf(c))
		require.NoError(t, err)
	}
}

func deliveryOf(c testChange) callbacks.Received[testChange] {
	return callbacks.Received[testChange]{Value: c, Record: callbacks.Record{
		Feed: testFeed.Name, Key: c.key(), Slot: c.key(), Group: c.Group, Time: c.time(), ReceivedAt: time.Now(), Raw: c.json(),
	}}
}

// The effect of a failed try is rolled back, that of the last one stays, whatever the
// handler did in between.
func TestHandleTx_OnlyTheSuccessfulTrysEffectsStay(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB, box *inbox.Box, table string) {
		execAll(t, db, "CREATE TABLE "+table+"_effects (callback TEXT NOT NULL)")
		accept(t, box, testChange{Group: "error"}, testChange{Group: "panic"}, testChange{Group: "rolled back"}, testChange{Group: "fine"})
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		var running sync.WaitGroup
		running.Go(func() {
			assert.NoError(t, inbox.HandleTx(ctx, box, testFeed, func(ctx context.Context, tx *sql.Tx, e inbox.Event[testChange]) error {
				if _, err := tx.ExecContext(ctx, "INSERT INTO "+table+"_effects (callback) VALUES ($1)", e.Key.String()); err != nil {
					return err
				}
				if e.Attempt < 3 {
					switch e.Value.Group {
					case "error":
						return errors.New("no luck")
					case "panic":
						panic("no luck")
					case "rolled back":
						return tx.Rollback() // against the rules: not marked either, so handled again
					}
				}
				return nil
			}, inbox.WithBackoff(time.Millisecond, time.Millisecond)))
		})
		done := drained(box)
		for tick := time.NewTicker(5 * time.Millisecond); !done(ctx); <-tick.C {
			require.NoError(t, ctx.Err(), "not everything was handled in time")
		}
		stop()
		running.Wait()
		effects := count(t, db, table+"_effects")
		assert.Len(t, effects, 4)
		for key, n := range effects {
			assert.Equal(t, 1, n, key)
		}
	})
}

// Another process holds the database: nothing is acknowledged, within 2 s, until it lets go.
func TestNewSink_LockedDatabaseIsAnErrorWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB, box *inbox.Box, table string) {
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer conn.Close()
		_, err = conn.ExecContext(t.Context(), "BEGIN")
		require.NoError(t, err)
		_, err = conn.ExecContext(t.Context(), "DELETE FROM "+table)
		require.NoError(t, err)
		if _, err := conn.ExecContext(t.Context(), "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE"); err != nil {
			t.Logf("this database locks as a whole: %v", err)
		}
		sink := newSink(t, box)
		start := time.Now()
		_, err = sink.Accept(t.Context(), deliveryOf(testChange{Group: "a"}))
		require.Error(t, err)
		assert.Less(t, time.Since(start), inbox.DefaultStoreTimeout+500*time.Millisecond)
		_, err = conn.ExecContext(t.Context(), "ROLLBACK")
		require.NoError(t, err)
		_, err = sink.Accept(t.Context(), deliveryOf(testChange{Group: "a"}))
		require.NoError(t, err)
		st, err := box.Stats(t.Context(), "")
		require.NoError(t, err)
		assert.Equal(t, 1, st.Depth)
	})
}

func TestRequeue_QuarantinedBodiesAreReadAgainOnEachDatabase(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, _ *sql.DB, box *inbox.Box, _ string) {
		c := testChange{Group: "a", Minute: 3}
		_, err := newSink(t, box).Accept(t.Context(), callbacks.Received[testChange]{Record: callbacks.Record{
			Feed: testFeed.Name, Key: callbacks.Key{1}, ReceivedAt: time.Now(), Raw: c.json(), Problem: "an earlier version could not",
		}})
		require.NoError(t, err)
		entries, err := box.List(t.Context(), inbox.Filter{States: []inbox.State{inbox.StateQuarantined}})
		require.NoError(t, err)
		require.Len(t, entries, 1)
		done, err := inbox.Requeue(t.Context(), box, testFeed, entries[0].ID)
		require.NoError(t, err)
		assert.Equal(t, inbox.Requeued{Waiting: 1}, done)
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		require.NoError(t, inbox.Run(ctx, box, testFeed, func(_ context.Context, e inbox.Event[testChange]) error {
			assert.Equal(t, c.key(), e.Key)
			stop()
			return nil
		}))
		out, err := newSink(t, box).Accept(t.Context(), deliveryOf(c))
		require.NoError(t, err)
		assert.Equal(t, callbacks.OutcomeDuplicate, out)
	})
}
