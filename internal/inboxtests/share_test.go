package inboxtests

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/internal/pgtest"
)

func TestRun_TwoProcessesShareOneSQLiteFile(t *testing.T) {
	t.Parallel()
	share(t, database{driver: "sqlite", dsn: sqliteFile(t), table: nextTable()})
}

func TestRun_TwoProcessesShareOnePostgres(t *testing.T) {
	t.Parallel()
	share(t, database{driver: "pgx", dsn: pgtest.DSN(t), table: nextTable()})
}

// share sends the same changes to two receivers at once, which both handle.
func share(t *testing.T, d database) {
	const groups, changes = 20, 10
	db := d.connect(t)
	execAll(t, db, "CREATE TABLE "+d.table+"_effects (callback TEXT NOT NULL)")
	one, _ := startReceiver(t, d)
	other, _ := startReceiver(t, d)
	urls := []string{one, other}
	var senders sync.WaitGroup
	for s := range 8 {
		senders.Go(func() {
			client := &http.Client{}
			defer client.CloseIdleConnections()
			for i := range groups * changes {
				c := testChange{Group: fmt.Sprint("group ", i%groups), Minute: i / groups}
				untilAcknowledged(t, client, urls[s%2], c)
			}
		})
	}
	senders.Wait()
	box := openBox(t, db, d.dialect(), inbox.WithTable(d.table))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	done := drained(box)
	for tick := time.NewTicker(20 * time.Millisecond); !done(ctx); <-tick.C {
		require.NoError(t, ctx.Err(), "not everything was handled in time")
	}
	effects := count(t, db, d.table+"_effects")
	assert.Len(t, effects, groups*changes)
	for key, n := range effects {
		assert.Equal(t, 1, n, key)
	}
}

// untilAcknowledged sends again as a sender does: a busy database is a 503, never a loss.
func untilAcknowledged(t *testing.T, client *http.Client, url string, c testChange) {
	deadline := time.Now().Add(time.Minute)
	for {
		err := post(client, url, c)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("never acknowledged: %v", err)
			return
		}
	}
}
