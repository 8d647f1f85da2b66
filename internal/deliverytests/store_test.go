package deliverytests

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/delivery/deliverytest"
	"github.com/lockerline/lockerline-go/internal/pgtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if driver := os.Getenv(childVariable); driver != "" {
		fmt.Fprintln(os.Stderr, child(driver))
		os.Exit(1)
	}
	code := m.Run()
	pgtest.Stop()
	os.Exit(code)
}

func TestOpenSQL_SQLiteKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	deliverytest.RunStoreTests(t, func(t *testing.T) delivery.Store { return openSQLite(t, sqliteFile(t)) })
}

func TestOpenSQL_SQLiteWithOneConnectionKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	deliverytest.RunStoreTests(t, func(t *testing.T) delivery.Store {
		db := open(t, "sqlite", sqliteFile(t))
		db.SetMaxOpenConns(1)
		return openStore(t, db, sqlstore.SQLite, "")
	})
}

func TestOpenSQL_PostgresKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	deliverytest.RunStoreTests(t, func(t *testing.T) delivery.Store {
		return openStore(t, db, sqlstore.Postgres, nextTable())
	})
}

func open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := openDB(driver, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openDB(driver, dsn string) (*sql.DB, error) { return sql.Open(driver, dsn) }

func openStore(t testing.TB, db *sql.DB, d sqlstore.Dialect, table string) *delivery.SQLStore {
	t.Helper()
	s, err := delivery.OpenSQL(t.Context(), db, d, table)
	require.NoError(t, err)
	return s
}

func sqliteFile(t testing.TB) string { return filepath.Join(t.TempDir(), "deliveries.db") }

func openSQLite(t testing.TB, file string) *delivery.SQLStore {
	t.Helper()
	return openStore(t, open(t, "sqlite", file), sqlstore.SQLite, "")
}

func openPostgres(t testing.TB) *sql.DB {
	t.Helper()
	db := open(t, "pgx", pgtest.DSN(t))
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	return db
}

var tables atomic.Int64

// nextTable keeps tests that share the server apart.
func nextTable() string { return fmt.Sprintf("deliveries_%d", tables.Add(1)) }
