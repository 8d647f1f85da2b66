package deliverytests

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/internal/pgtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, db *sql.DB, d sqlstore.Dialect, table string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, "sqlite", sqliteFile(t)), sqlstore.SQLite, "deliveries")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, openPostgres(t), sqlstore.Postgres, nextTable())
	})
}

func a(reference string) delivery.Row {
	return delivery.Row{Reference: reference, Version: 1, Phase: delivery.PhaseSearching, UpdatedAt: time.Now(), Data: []byte(`{}`)}
}

func TestOpenSQL_AgainKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d sqlstore.Dialect, table string) {
		require.NoError(t, openStore(t, db, d, table).Create(t.Context(), a("one")))
		got, err := openStore(t, db, d, table).Get(t.Context(), "one")
		require.NoError(t, err)
		assert.Equal(t, "one", got.Reference)
	})
}

func TestOpenSQL_ManyMayOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d sqlstore.Dialect, table string) {
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				s, err := delivery.OpenSQL(t.Context(), db, d, table)
				if assert.NoError(t, err) {
					assert.NoError(t, s.Create(t.Context(), a(fmt.Sprint(i))))
				}
			})
		}
		wg.Wait()
	})
}

func TestOpenSQL_ForeignTablesAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d sqlstore.Dialect, table string) {
		_, err := db.ExecContext(t.Context(), `CREATE TABLE `+table+` (x INTEGER)`)
		require.NoError(t, err)
		_, err = delivery.OpenSQL(t.Context(), db, d, table)
		assert.ErrorIs(t, err, sqlstore.ErrForeignSchema)
	})
}

func TestOpenSQL_TablesWithoutTheirIndexesAreRefused(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"missing column":    `ALTER TABLE {t} DROP COLUMN data`,
		"missing claims":    `DROP INDEX {t}_claim`,
		"missing reference": `ALTER TABLE {t} RENAME COLUMN reference TO name`,
		"missing table":     `DROP TABLE {t}`,
		"missing version":   `DROP TABLE {t}_schema`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *sql.DB, d sqlstore.Dialect, table string) {
				openStore(t, db, d, table)
				_, err := db.ExecContext(t.Context(), strings.ReplaceAll(statement, "{t}", table))
				require.NoError(t, err)
				_, err = delivery.OpenSQL(t.Context(), db, d, table)
				require.ErrorIs(t, err, sqlstore.ErrForeignSchema)
				assert.NotContains(t, err.Error(), "\n")
			})
		})
	}
}

func TestOpenSQL_DamagedFileIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, file string) (dsn string)
		want  error
	}{
		{"garbage", func(t *testing.T, file string) string {
			require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("no database ", 1000)), 0o600))
			return file
		}, sqlstore.ErrCorrupt},
		{"cut off", func(t *testing.T, file string) string {
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(file, info.Size()/2))
			return file
		}, sqlstore.ErrCorrupt},
		{"damaged page", func(t *testing.T, file string) string {
			f, err := os.OpenFile(file, os.O_RDWR, 0)
			require.NoError(t, err)
			defer f.Close()
			_, err = f.Seek(-4096, io.SeekEnd) // what is there is not needed for opening
			require.NoError(t, err)
			_, err = f.WriteString(strings.Repeat("damage", 100))
			require.NoError(t, err)
			return file
		}, sqlstore.ErrCorrupt},
		{"read-only", func(_ *testing.T, file string) string { return "file:" + file + "?mode=ro" }, sqlstore.ErrReadOnly},
		{"locked", func(t *testing.T, file string) string {
			conn, err := open(t, "sqlite", file).Conn(t.Context())
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
			require.NoError(t, err)
			return file + "?_pragma=busy_timeout(50)"
		}, sqlstore.ErrLocked},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dsn := c.spoil(t, filledFile(t))
			_, err := delivery.OpenSQL(t.Context(), open(t, "sqlite", dsn), sqlstore.SQLite, "")
			require.ErrorIs(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// filledFile holds some deliveries, all in the file itself.
func filledFile(t *testing.T) string {
	t.Helper()
	file := sqliteFile(t)
	db := open(t, "sqlite", file)
	store := openStore(t, db, sqlstore.SQLite, "")
	for i := range 200 {
		require.NoError(t, store.Create(t.Context(), a(fmt.Sprint(i))))
	}
	_, err := db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return file
}

func TestOpenSQL_NewerTablesAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d sqlstore.Dialect, table string) {
		openStore(t, db, d, table)
		_, err := db.ExecContext(t.Context(), `UPDATE `+table+`_schema SET version = 99`)
		require.NoError(t, err)
		_, err = delivery.OpenSQL(t.Context(), db, d, table)
		assert.ErrorIs(t, err, sqlstore.ErrNewerSchema)
	})
}

func TestOpenSQL_DatabaseThatForgetsIsRefused(t *testing.T) {
	t.Parallel()
	_, err := delivery.OpenSQL(t.Context(), open(t, "sqlite", ":memory:"), sqlstore.SQLite, "")
	require.ErrorIs(t, err, sqlstore.ErrNotDurable)
	db := open(t, "pgx", pgtest.DSN(t)+"&synchronous_commit=off")
	_, err = delivery.OpenSQL(t.Context(), db, sqlstore.Postgres, nextTable())
	assert.ErrorIs(t, err, sqlstore.ErrNotDurable)
	db = open(t, "pgx", pgtest.DSN(t)+"&default_transaction_read_only=on")
	_, err = delivery.OpenSQL(t.Context(), db, sqlstore.Postgres, nextTable())
	assert.ErrorIs(t, err, sqlstore.ErrReadOnly)
}

func TestOpenSQL_ChecksItsArguments(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite", sqliteFile(t))
	for name, try := range map[string]func() error{
		"a nil database": func() error { _, err := delivery.OpenSQL(t.Context(), nil, sqlstore.SQLite, ""); return err },
		"no dialect":     func() error { _, err := delivery.OpenSQL(t.Context(), db, sqlstore.Dialect{}, ""); return err },
		"a table name":   func() error { _, err := delivery.OpenSQL(t.Context(), db, sqlstore.SQLite, "a;b"); return err },
	} {
		assert.Error(t, try(), name)
	}
}
