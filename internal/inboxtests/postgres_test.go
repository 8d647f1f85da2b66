package inboxtests

import (
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/callbacks/inbox/inboxtest"
	"github.com/lockerline/lockerline-go/internal/pgtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

func TestOpen_PostgresKeepsTheContractOfStore(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	inboxtest.RunStoreTests(t, func(t *testing.T) inbox.Store {
		return openBox(t, db, sqlstore.Postgres, ownTable()).Store()
	})
}

// openPostgres connects to the server of this test process.
func openPostgres(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", pgtest.DSN(t))
	require.NoError(t, err)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

var tables atomic.Int64

// ownTable keeps tests that share the server apart.
func ownTable() inbox.Option { return inbox.WithTable(nextTable()) }

func nextTable() string { return fmt.Sprintf("inbox_%d", tables.Add(1)) }
