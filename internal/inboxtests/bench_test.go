package inboxtests

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// BenchmarkAcknowledge measures from a client's POST to its 200, by real HTTP on loopback,
// with one in ten sent twice: alone, and on 32 connections, with and without a handler at
// work at the same time. The baseline is what one writes first: an insert in a transaction
// of its own for each request.
func BenchmarkAcknowledge(b *testing.B) {
	for _, database := range []struct {
		name    string
		dialect sqlstore.Dialect
		open    func(testing.TB) *sql.DB
	}{
		{"sqlite", sqlstore.SQLite, func(b testing.TB) *sql.DB { return openSQLite(b, sqliteFile(b)) }},
		{"postgres", sqlstore.Postgres, openPostgres},
	} {
		for _, clients := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/clients=%d/inbox", database.name, clients), func(b *testing.B) {
				box := openBox(b, database.open(b), database.dialect, ownTable())
				benchmarkPosts(b, clients, newSink(b, box))
			})
			b.Run(fmt.Sprintf("%s/clients=%d/inbox-handling", database.name, clients), func(b *testing.B) {
				box := openBox(b, database.open(b), database.dialect, ownTable())
				ctx, stop := context.WithCancel(b.Context())
				var wg sync.WaitGroup
				wg.Go(func() {
					_ = inbox.Run(ctx, box, testFeed, inbox.Values(func(context.Context, testChange) error { return nil }))
				})
				benchmarkPosts(b, clients, newSink(b, box))
				stop()
				wg.Wait()
			})
			b.Run(fmt.Sprintf("%s/clients=%d/baseline", database.name, clients), func(b *testing.B) {
				benchmarkPosts(b, clients, newNaiveSink(b, database.open(b), database.dialect))
			})
		}
	}
}

func benchmarkPosts(b *testing.B, clients int, sink callbacks.Sink[testChange]) {
	srv := httptest.NewServer(receiver(sink))
	defer srv.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	took := make([][]time.Duration, clients)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	start := time.Now()
	for c := range clients {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				if n%10 == 0 {
					n -= 5 // sent again
				}
				sent := time.Now()
				err := post(client, srv.URL, testChange{Group: fmt.Sprint("g", n%1000), Minute: n})
				if err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(sent))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	b.StopTimer()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(len(all))/elapsed.Seconds(), "acks/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// naiveSink is the baseline: check, then insert, in a transaction for each request.
type naiveSink struct {
	db           *sql.DB
	find, insert string
}

func newNaiveSink(b testing.TB, db *sql.DB, d sqlstore.Dialect) naiveSink {
	name, key := nextTable(), "BLOB"
	s := naiveSink{
		db:     db,
		find:   "SELECT count(*) FROM " + name + " WHERE key = $1",
		insert: "INSERT INTO " + name + " (key, grp, changed_at, raw) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
	}
	if d == sqlstore.SQLite {
		_, err := db.Exec("PRAGMA journal_mode = WAL")
		require.NoError(b, err)
		db.SetMaxOpenConns(1) // without it most requests end with "database is locked"
	} else {
		key = "BYTEA"
	}
	_, err := db.Exec(fmt.Sprintf("CREATE TABLE %s (key %s PRIMARY KEY, grp TEXT, changed_at TEXT, raw %s)", name, key, key))
	require.NoError(b, err)
	return s
}

func (s naiveSink) Accept(ctx context.Context, d callbacks.Received[testChange]) (callbacks.Outcome, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	var known int
	if err := tx.QueryRowContext(ctx, s.find, d.Key[:]).Scan(&known); err != nil {
		return 0, err
	}
	if known > 0 {
		return callbacks.OutcomeDuplicate, nil
	}
	if _, err := tx.ExecContext(ctx, s.insert, d.Key[:], d.Group, d.Time.Format(time.RFC3339Nano), d.Raw); err != nil {
		return 0, err
	}
	return callbacks.OutcomeStored, tx.Commit()
}
