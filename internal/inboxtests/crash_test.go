package inboxtests

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/internal/pgtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

var (
	sqliteRounds   = flag.Int("crash.sqlite", 3, "how often the SQLite receiver is killed")
	postgresRounds = flag.Int("crash.postgres", 2, "how often the PostgreSQL receiver is killed")
)

func TestOpen_CrashOnSQLiteLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	file := sqliteFile(t)
	crash(t, database{driver: "sqlite", dsn: file, table: nextTable()}, *sqliteRounds)
	out, err := openSQLite(t, file).Query("PRAGMA integrity_check")
	require.NoError(t, err)
	defer out.Close()
	require.True(t, out.Next())
	var verdict string
	require.NoError(t, out.Scan(&verdict))
	assert.Equal(t, "ok", verdict)
}

func TestOpen_CrashOnPostgresLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	crash(t, database{driver: "pgx", dsn: pgtest.DSN(t), table: nextTable()}, *postgresRounds)
}

// Without its guarantee the same test fails: a receiver that acknowledges first and stores
// right after loses what it acknowledged.
func TestOpen_CrashFindsAReceiverThatAcknowledgesTooEarly(t *testing.T) {
	t.Parallel()
	d := database{driver: "sqlite", dsn: sqliteFile(t), table: nextTable(), early: true}
	acked, left := killAgain(t, d, 2)
	require.ErrorContains(t, left.check(acked), "times stored: 0")
}

func crash(t *testing.T, d database, rounds int) {
	acked, left := killAgain(t, d, rounds)
	require.NoError(t, left.check(acked))
	require.Greater(t, len(acked), 10*rounds, "there was hardly any load")
}

// killAgain kills a receiver under load again and again, then has what is left handled. It
// returns what the senders were told and what is there.
func killAgain(t *testing.T, d database, rounds int) (acked map[string]testChange, left remains) {
	db := d.connect(t)
	execAll(t, db, "CREATE TABLE "+d.table+"_effects (callback TEXT NOT NULL)")
	acked = make(map[string]testChange)
	for round := range rounds {
		maps.Copy(acked, killUnderLoad(t, d, round))
	}
	t.Logf("%d rounds, %d changes acknowledged", rounds, len(acked))

	start := time.Now()
	box := openBox(t, db, d.dialect(), inbox.WithTable(d.table))
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	require.NoError(t, d.handleUntil(ctx, box, db, drained(box)))
	require.NoError(t, ctx.Err(), "not everything was handled in time")
	t.Logf("what was left was handled in %v", time.Since(start))

	left = remains{stored: make(map[string]int), effects: count(t, db, d.table+"_effects")}
	for after := int64(0); ; {
		page, err := box.List(t.Context(), inbox.Filter{After: after, Limit: 10_000})
		require.NoError(t, err)
		if len(page) == 0 {
			return acked, left
		}
		for _, e := range page {
			after = e.ID
			left.stored[e.Key.String()]++
			assert.Equal(t, inbox.StateHandled, e.State, "%s: %s", e.Raw, e.LastError)
		}
	}
}

// remains is what is in a database after all crashes: how often each callback is stored
// and how often its effect happened.
type remains struct{ stored, effects map[string]int }

// check compares with what was acknowledged. What was stored when its acknowledgement got
// lost may be there as well, once.
func (r remains) check(acked map[string]testChange) error {
	for key, c := range acked {
		if r.stored[key] != 1 {
			return fmt.Errorf("acknowledged, times stored: %d: %+v", r.stored[key], c)
		}
	}
	for key, n := range r.stored {
		if n != 1 || r.effects[key] != 1 {
			return fmt.Errorf("%s was stored %d times and handled %d times", key, n, r.effects[key])
		}
	}
	if len(r.effects) != len(r.stored) {
		return fmt.Errorf("%d stored, %d handled", len(r.stored), len(r.effects))
	}
	return nil
}

// killUnderLoad starts a receiver, sends to it on 16 connections and kills it at a random
// moment. It returns what was acknowledged.
func killUnderLoad(t *testing.T, d database, round int) map[string]testChange {
	url, kill := startReceiver(t, d)
	var mu sync.Mutex
	acked := make(map[string]testChange)
	var dead atomic.Bool
	var begin sync.Once
	begun := make(chan struct{}) // closed with the first acknowledgement
	var senders sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	for s := range 16 {
		senders.Go(func() {
			var c testChange
			for n := 0; !dead.Load(); n++ {
				if n%10 != 9 { // then the last one once more
					c = testChange{Group: fmt.Sprintf("round %d group %d", round, n%40), Minute: n*16 + s}
				}
				if post(client, url, c) == nil {
					begin.Do(func() { close(begun) })
					mu.Lock()
					acked[c.key().String()] = c
					mu.Unlock()
				}
			}
		})
	}
	select {
	case <-begun:
		<-time.After(time.Duration(rand.IntN(400)) * time.Millisecond)
	case <-time.After(30 * time.Second):
	}
	kill()
	dead.Store(true)
	senders.Wait()
	return acked
}

// drained ends when nothing waits in the box any more.
func drained(box *inbox.Box) func(context.Context) bool {
	return func(ctx context.Context) bool {
		st, err := box.Stats(ctx, "")
		return err == nil && st.Depth == 0
	}
}

func count(t *testing.T, db *sql.DB, table string) map[string]int {
	rows, err := db.Query("SELECT callback FROM " + table)
	require.NoError(t, err)
	defer rows.Close()
	out := make(map[string]int)
	for rows.Next() {
		var key string
		require.NoError(t, rows.Scan(&key))
		out[key]++
	}
	require.NoError(t, rows.Err())
	return out
}

// database is where the receivers of a test store.
type database struct {
	driver, dsn, table string
	early              bool // acknowledge before storing
}

func (d database) dialect() sqlstore.Dialect {
	if d.driver == "sqlite" {
		return sqlstore.SQLite
	}
	return sqlstore.Postgres
}

func (d database) connect(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(d.driver, d.dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// handleUntil handles with an effect in the same database until done says so.
func (d database) handleUntil(ctx context.Context, box *inbox.Box, db *sql.DB, done func(context.Context) bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() {
		defer stop()
		for tick := time.NewTicker(20 * time.Millisecond); ctx.Err() == nil && !done(ctx); {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	})
	insert := "INSERT INTO " + d.table + "_effects (callback) VALUES ($1)"
	return inbox.HandleTx(ctx, box, testFeed, func(ctx context.Context, tx *sql.Tx, e inbox.Event[testChange]) error {
		_, err := tx.ExecContext(ctx, insert, e.Key.String())
		return err
	}, inbox.WithLease(time.Second), inbox.WithPoll(50*time.Millisecond), inbox.WithTries(1000))
}
