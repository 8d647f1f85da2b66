package sqldb

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

func TestSQLiteIsMadeSafeBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	f, rehearsed := careless(), false
	require.Nil(t, f.tables(t, &SQLite).Open(t.Context(), true, func(context.Context) error { rehearsed = true; return nil }))
	assert.True(t, rehearsed)
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

func TestPostgresIsMigratedUnderALock(t *testing.T) {
	t.Parallel()
	f := server("off", "on", "on")
	require.Nil(t, f.tables(t, &Postgres).Open(t.Context(), true, nothing))
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

func TestADatabaseThatCannotBeTrustedIsRefusedUnwritten(t *testing.T) {
	t.Parallel()
	with := func(f *fake, prefix string, answer driver.Value) *fake { f.answers[prefix] = answer; return f }
	stubborn := careless()
	stubborn.stubborn = "PRAGMA synchronous"
	for _, c := range []struct {
		name string
		d    *Dialect
		f    *fake
		want Reason
		text string
	}{
		{"damage", &SQLite, with(careless(), "PRAGMA quick_check", "row 7\nmissing"), Corrupt, "corrupt: row 7 missing"},
		{"memory", &SQLite, with(careless(), "PRAGMA journal_mode", "memory"), NotDurable, `not durable: journal mode stays "memory"`},
		{"unflushed", &SQLite, stubborn, NotDurable, "not durable: synchronous stays at 1"},
		{"read-only server", &Postgres, server("on", "on", "on"), ReadOnly, "read only"},
		{"no fsync", &Postgres, server("off", "off", "on"), NotDurable, "not durable: fsync is off, synchronous_commit is on"},
		{"no synchronous commit", &Postgres, server("off", "on", "off"), NotDurable, "not durable: fsync is on, synchronous_commit is off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.f.tables(t, c.d).Open(t.Context(), true, nothing)
			require.NotNil(t, r)
			require.ErrorIs(t, r, errOwn[c.want])
			assert.Equal(t, c.text, r.Error())
			assert.False(t, slices.ContainsFunc(c.f.asked, func(s string) bool { return strings.HasPrefix(s, "BEGIN") }))
		})
	}
}

func TestFileIsNotReadThroughUnasked(t *testing.T) {
	t.Parallel()
	f := careless()
	require.Nil(t, f.tables(t, &SQLite).Open(t.Context(), false, nothing))
	assert.NotContains(t, f.asked, `PRAGMA quick_check(1)`)
}

var errBusy = errors.New("database is locked (5)")

func TestOpenWaitsForOthersWhoChangeTheMode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := careless()
		f.failures = map[string][]error{"PRAGMA journal_mode": {errBusy, errBusy, errBusy}}
		began := time.Now()
		require.Nil(t, f.tables(t, &SQLite).Open(t.Context(), false, nothing))
		assert.Equal(t, 7*time.Millisecond, time.Since(began))
	})
}

func TestOpenGivesUpOnOthersWhoDoNotLetGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := careless()
		f.failures = map[string][]error{"PRAGMA journal_mode": slices.Repeat([]error{errBusy}, 100)}
		began := time.Now()
		r := f.tables(t, &SQLite).Open(t.Context(), false, nothing)
		require.NotNil(t, r)
		require.ErrorIs(t, r, errOwn[Locked])
		assert.Less(t, time.Since(began), 5*time.Second)
	})
}

func TestAFailedMigrationIsTakenBack(t *testing.T) {
	t.Parallel()
	for d, f := range map[*Dialect]*fake{&SQLite: careless(), &Postgres: server("off", "on", "on")} {
		failure := errors.New("disk full")
		f.failures = map[string][]error{"CREATE TABLE box (": {failure}}
		r := f.tables(t, d).Open(t.Context(), false, nothing)
		require.NotNil(t, r)
		require.NoError(t, r.Reason)
		require.ErrorIs(t, r, failure)
		assert.Equal(t, `ROLLBACK`, f.asked[len(f.asked)-1])
		assert.NotContains(t, f.asked, `COMMIT`)
	}
}

func TestTablesOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		versioned bool
		version   driver.Value
		want      Reason
		text      string
	}{
		{"newer", true, int64(2), NewerSchema, "newer: they have version 2, this program knows 1"},
		{"version of another kind", true, "two", ForeignSchema, "foreign: sql: Scan error"},
		{"no version", false, nil, ForeignSchema, "foreign"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := careless()
			const exists = `SELECT count(*)>0 FROM sqlite_master WHERE type='table' AND name=?1 box`
			f.answers[exists], f.answers[exists+"_schema"], f.answers["SELECT version"] = true, c.versioned, c.version
			r := f.tables(t, &SQLite).Open(t.Context(), false, nothing)
			require.NotNil(t, r)
			require.ErrorIs(t, r, errOwn[c.want])
			assert.Contains(t, r.Error(), c.text)
			assert.Equal(t, `ROLLBACK`, f.asked[len(f.asked)-1])
		})
	}
}

func TestTablesThatAreUpToDateStayAsTheyAre(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["SELECT count(*)>0"], f.answers["SELECT version"] = true, int64(1)
	require.Nil(t, f.tables(t, &SQLite).Open(t.Context(), false, nothing))
	assert.NotContains(t, strings.Join(f.asked, "\n"), "CREATE")
}
