package inboxtests

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/callbacks/inbox/inboxtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

func TestOpen_SQLiteKeepsTheContractOfStore(t *testing.T) {
	t.Parallel()
	inboxtest.RunStoreTests(t, func(t *testing.T) inbox.Store {
		return openBox(t, openSQLite(t, sqliteFile(t)), sqlstore.SQLite).Store()
	})
}

func TestOpen_SQLiteWithOneConnectionKeepsTheContractOfStore(t *testing.T) {
	t.Parallel()
	inboxtest.RunStoreTests(t, func(t *testing.T) inbox.Store {
		db := openSQLite(t, sqliteFile(t))
		db.SetMaxOpenConns(1)
		return openBox(t, db, sqlstore.SQLite).Store()
	})
}

func sqliteFile(t testing.TB) string { return filepath.Join(t.TempDir(), "inbox.db") }

func openSQLite(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openBox(t testing.TB, db *sql.DB, d sqlstore.Dialect, opts ...inbox.Option) *inbox.Box {
	t.Helper()
	box, err := inbox.Open(t.Context(), db, d, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = box.Close(t.Context()) })
	return box
}

func newSink(t testing.TB, box *inbox.Box) callbacks.Sink[testChange] {
	t.Helper()
	sink, err := inbox.NewSink(box, testFeed)
	require.NoError(t, err)
	return sink
}
