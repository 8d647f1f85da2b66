package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOpen_SQLiteIsMadeSafeBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	f, verified, cfg := careless(), false, config(SQLite)
	cfg.Verify = func(context.Context, *Tables) error { verified = true; return nil }
	_, err := Open(t.Context(), f.db(t), cfg)
	require.NoError(t, err)
	assert.True(t, verified)
	exists := `SELECT count(*)>0 FROM sqlite_master WHERE type='table' AND name=?1 box`
	assert.Equal(t, []string{
		`PRAGMA busy_timeout`, `PRAGMA busy_timeout = 1000`, `PRAGMA quick_check(1)`,
		`PRAGMA busy_timeout`, `PRAGMA journal_mode = WAL`,
		`PRAGMA busy_timeout`, `PRAGMA synchronous`, `PRAGMA synchronous = 2`, `PRAGMA synchronous`,
		`BEGIN IMMEDIATE`, exists + `_schema`, exists,
		`CREATE TABLE box_schema (version INTEGER NOT NULL)`, `INSERT INTO box_schema (version) VALUES (0)`,
		`CREATE TABLE box (x BLOB)`, `UPDATE box_schema SET version = ?1 1`, `COMMIT`, `PRAGMA database_list`,
	}, f.asked)
}

func TestOpen_PostgresIsMigratedUnderALock(t *testing.T) {
	t.Parallel()
	f := server("off", "on", "on")
	_, err := f.open(t, Postgres)
	require.NoError(t, err)
	require.Contains(t, f.asked, `CREATE TABLE box (x BYTEA)`)
	assert.Equal(t, []string{`BEGIN`, `SELECT pg_advisory_xact_lock($1) 7`}, f.asked[1:3])
	assert.Equal(t, `COMMIT`, f.asked[len(f.asked)-1])
}

// server is a PostgreSQL with these settings.
func server(readOnly, fsync, synchronous string) *fake {
	return &fake{answers: map[string]driver.Value{
		"SELECT current_setting":  []driver.Value{readOnly, fsync, synchronous},
		"SELECT to_regclass($1) ": false,
	}}
}

func TestOpen_UnsafeDatabaseIsRefusedUnwritten(t *testing.T) {
	t.Parallel()
	with := func(f *fake, prefix string, answer driver.Value) *fake { f.answers[prefix] = answer; return f }
	stubborn := careless()
	stubborn.stubborn = "PRAGMA synchronous"
	for _, c := range []struct {
		name string
		d    Dialect
		f    *fake
		want error
		text string
	}{
		{"damage", SQLite, with(careless(), "PRAGMA quick_check", "row 7\nmissing"), ErrCorrupt, ": row 7 missing"},
		{"memory", SQLite, with(careless(), "PRAGMA journal_mode", "memory"), ErrNotDurable, `: journal mode stays "memory"`},
		{"unflushed", SQLite, stubborn, ErrNotDurable, ": synchronous stays at 1"},
		{"read-only server", Postgres, server("on", "on", "on"), ErrReadOnly, ""},
		{"no fsync", Postgres, server("off", "off", "on"), ErrNotDurable, ": fsync is off, synchronous_commit is on"},
		{"no synchronous commit", Postgres, server("off", "on", "off"), ErrNotDurable, ": fsync is on, synchronous_commit is off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := c.f.open(t, c.d)
			require.ErrorIs(t, err, c.want)
			assert.Equal(t, "open "+c.d.String()+": "+c.want.Error()+c.text, err.Error())
			assert.False(t, slices.ContainsFunc(c.f.asked, func(s string) bool { return strings.HasPrefix(s, "BEGIN") }))
		})
	}
}

var errBusy = errors.New("database is locked (5)")

func TestOpen_WaitsForProcessesThatChangeTheMode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := careless()
		f.failures = map[string][]error{"PRAGMA journal_mode": {errBusy, errBusy, errBusy}}
		began := time.Now()
		_, err := f.open(t, SQLite)
		require.NoError(t, err)
		assert.Equal(t, 7*time.Millisecond, time.Since(began))
	})
}

func TestOpen_LockThatStaysIsReportedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := careless()
		f.failures = map[string][]error{"PRAGMA journal_mode": slices.Repeat([]error{errBusy}, 100)}
		began := time.Now()
		_, err := f.open(t, SQLite)
		require.ErrorIs(t, err, ErrLocked)
		assert.Less(t, time.Since(began), 5*time.Second)
	})
}

func TestOpen_FailedMigrationIsRolledBack(t *testing.T) {
	t.Parallel()
	for d, f := range map[Dialect]*fake{SQLite: careless(), Postgres: server("off", "on", "on")} {
		failure := errors.New("disk full")
		f.failures = map[string][]error{"CREATE TABLE box (": {failure}}
		_, err := f.open(t, d)
		refused, ok := errors.AsType[*OpenError](err)
		require.True(t, ok)
		require.NoError(t, refused.Reason)
		require.ErrorIs(t, err, failure)
		assert.Equal(t, `ROLLBACK`, f.asked[len(f.asked)-1])
		assert.NotContains(t, f.asked, `COMMIT`)
	}
}

func TestOpen_ForeignTablesAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		versioned bool
		version   driver.Value
		want      error
		text      string
	}{
		{"newer", true, int64(2), ErrNewerSchema, "newer version; update the program: the tables have version 2, this program knows 1"},
		{"version of another kind", true, "two", ErrForeignSchema, "another name: sql: Scan error"},
		{"no version", false, nil, ErrForeignSchema, "another name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := careless()
			const exists = `SELECT count(*)>0 FROM sqlite_master WHERE type='table' AND name=?1 box`
			f.answers[exists], f.answers[exists+"_schema"], f.answers["SELECT version"] = true, c.versioned, c.version
			_, err := f.open(t, SQLite)
			require.ErrorIs(t, err, c.want)
			assert.Contains(t, err.Error(), c.text)
			assert.Equal(t, `ROLLBACK`, f.asked[len(f.asked)-1])
		})
	}
}

func TestOpen_CurrentTablesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["SELECT count(*)>0"], f.answers["SELECT version"] = true, int64(1)
	_, err := f.open(t, SQLite)
	require.NoError(t, err)
	assert.NotContains(t, strings.Join(f.asked, "\n"), "CREATE")
}

func TestDialect_NameIsReadable(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "sqlite postgres none", SQLite.String()+" "+Postgres.String()+" "+Dialect{}.String())
}
