package inboxtests

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/internal/pgtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

func TestOpen_UnsafeSQLiteIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		dsn  func(t *testing.T) string
		want error
	}{
		{"garbage", func(t *testing.T) string {
			file := sqliteFile(t)
			require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("no database ", 1000)), 0o600))
			return file
		}, sqlstore.ErrCorrupt},
		{"damaged page", func(t *testing.T) string {
			file := filledFile(t)
			f, err := os.OpenFile(file, os.O_RDWR, 0)
			require.NoError(t, err)
			defer f.Close()
			for page := int64(2); page < 12; page++ {
				_, err = f.WriteAt([]byte(strings.Repeat("damage", 100)), page*4096)
				require.NoError(t, err)
			}
			return file
		}, sqlstore.ErrCorrupt},
		{"cut off", func(t *testing.T) string {
			file := filledFile(t)
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(file, info.Size()/2))
			return file
		}, sqlstore.ErrCorrupt},
		{"read-only", func(t *testing.T) string { return "file:" + filledFile(t) + "?mode=ro" }, sqlstore.ErrReadOnly},
		{"read-only and empty", func(t *testing.T) string {
			file := sqliteFile(t)
			execAll(t, openSQLite(t, file), "CREATE TABLE mine (x)")
			return "file:" + file + "?mode=ro"
		}, sqlstore.ErrReadOnly},
		{"in memory", func(*testing.T) string { return ":memory:" }, sqlstore.ErrNotDurable},
		{"locked", func(t *testing.T) string {
			file := filledFile(t)
			conn, err := openSQLite(t, file).Conn(t.Context())
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
			require.NoError(t, err)
			return file + "?_pragma=busy_timeout(50)"
		}, sqlstore.ErrLocked},
		{"newer schema", func(t *testing.T) string {
			return altered(t, "UPDATE lockerline_inbox_schema SET version = version + 1")
		}, sqlstore.ErrNewerSchema},
		{"foreign table", func(t *testing.T) string {
			file := sqliteFile(t)
			execAll(t, openSQLite(t, file), "CREATE TABLE lockerline_inbox (mine TEXT)")
			return file
		}, sqlstore.ErrForeignSchema},
		{"missing column", func(t *testing.T) string {
			return altered(t, "ALTER TABLE lockerline_inbox DROP COLUMN last_error")
		}, sqlstore.ErrForeignSchema},
		{"missing unique key", func(t *testing.T) string {
			return altered(t, "DROP INDEX lockerline_inbox_key")
		}, sqlstore.ErrForeignSchema},
		{"missing table", func(t *testing.T) string {
			return altered(t, "DROP TABLE lockerline_inbox_groups")
		}, sqlstore.ErrForeignSchema},
		{"folder missing", func(t *testing.T) string { return filepath.Join(t.TempDir(), "none", "inbox.db") }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := inbox.Open(t.Context(), openSQLite(t, c.dsn(t)), sqlstore.SQLite)
			refused(t, err, c.want)
		})
	}
}

func TestOpen_UnsafePostgresIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		option  string // of the connection
		prepare string // a statement on a fresh inbox named {t}
		want    error
	}{
		{"read-only", "default_transaction_read_only=on", "", sqlstore.ErrReadOnly},
		{"not durable", "synchronous_commit=off", "", sqlstore.ErrNotDurable},
		{"newer schema", "", "UPDATE {t}_schema SET version = version + 1", sqlstore.ErrNewerSchema},
		{"missing unique key", "", "DROP INDEX {t}_key", sqlstore.ErrForeignSchema},
		{"missing column", "", "ALTER TABLE {t} DROP COLUMN last_error", sqlstore.ErrForeignSchema},
		{"missing group column", "", "ALTER TABLE {t}_groups DROP COLUMN settled_at", sqlstore.ErrForeignSchema},
		{"missing version", "", "DROP TABLE {t}_schema", sqlstore.ErrForeignSchema},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			table := nextTable()
			if c.prepare != "" {
				db := openPostgres(t)
				openBox(t, db, sqlstore.Postgres, inbox.WithTable(table))
				execAll(t, db, strings.ReplaceAll(c.prepare, "{t}", table))
			}
			db, err := sql.Open("pgx", pgtest.DSN(t)+"&"+c.option)
			require.NoError(t, err)
			defer db.Close()
			_, err = inbox.Open(t.Context(), db, sqlstore.Postgres, inbox.WithTable(table))
			refused(t, err, c.want)
		})
	}
	t.Run("no server", func(t *testing.T) {
		t.Parallel()
		db, err := sql.Open("pgx", "postgres://nobody:hush@127.0.0.1:1/none")
		require.NoError(t, err)
		defer db.Close()
		_, err = inbox.Open(t.Context(), db, sqlstore.Postgres)
		refused(t, err, nil)
		assert.NotContains(t, err.Error(), "hush")
	})
}

func refused(t *testing.T, err, want error) {
	t.Helper()
	var open *sqlstore.OpenError
	require.ErrorAs(t, err, &open)
	assert.NotContains(t, err.Error(), "\n")
	if want == nil {
		assert.NoError(t, open.Reason)
		return
	}
	require.ErrorIs(t, err, want)
	assert.Equal(t, want, open.Reason)
}

func TestOpen_AgainKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	box := openBox(t, openSQLite(t, filledFile(t)), sqlstore.SQLite)
	st, err := box.Stats(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, 500, st.Depth)
}

// A connection that was told to be careless is made careful again before each write.
func TestOpen_SQLiteIsFlushedWhateverTheConnectionSays(t *testing.T) {
	t.Parallel()
	db := openSQLite(t, sqliteFile(t)+"?_pragma=synchronous(0)")
	db.SetMaxOpenConns(1)
	box := openBox(t, db, sqlstore.SQLite)
	for range 2 {
		execAll(t, db, "PRAGMA synchronous = OFF")
		_, err := box.Store().Put(t.Context(), []callbacks.Record{{Feed: "f", Key: callbacks.Key{1}}})
		require.NoError(t, err)
		var level int
		require.NoError(t, db.QueryRow("PRAGMA synchronous").Scan(&level))
		assert.Equal(t, 2, level)
	}
	var mode string
	require.NoError(t, db.QueryRow("PRAGMA journal_mode").Scan(&mode))
	assert.Equal(t, "wal", mode)
	_, err := box.Store().Claim(t.Context(), "f", 1, time.Second)
	require.NoError(t, err)
	var level int
	require.NoError(t, db.QueryRow("PRAGMA synchronous").Scan(&level))
	assert.Equal(t, 2, level, "a claim must leave the connection as it was")
}

// filledFile is an inbox with 500 callbacks, all in the file itself.
func filledFile(t *testing.T) string {
	file := sqliteFile(t)
	db := openSQLite(t, file)
	box, err := inbox.Open(t.Context(), db, sqlstore.SQLite)
	require.NoError(t, err)
	records := make([]callbacks.Record, 500)
	for i := range records {
		c := testChange{Group: "g", Minute: i}
		records[i] = callbacks.Record{Feed: "changes", Key: c.key(), Group: c.Group, Time: c.time(), Raw: c.json(), ReceivedAt: time.Now()}
	}
	_, err = box.Store().Put(t.Context(), records)
	require.NoError(t, err)
	require.NoError(t, box.Close(context.Background()))
	execAll(t, db, "PRAGMA wal_checkpoint(TRUNCATE)")
	require.NoError(t, db.Close())
	return file
}

func altered(t *testing.T, statement string) string {
	file := filledFile(t)
	db := openSQLite(t, file)
	execAll(t, db, statement)
	require.NoError(t, db.Close())
	return file
}

func execAll(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
}
