package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a database that gives prepared answers and records the statements.
type fake struct {
	// answers are by the beginning of a statement, the longest that fits; a missing one is
	// an empty result. A PRAGMA that sets a value changes its answer.
	answers  map[string]driver.Value
	stubborn string             // the beginning of PRAGMAs that set nothing
	failures map[string][]error // by the beginning of a statement; each is met once

	mu     sync.Mutex
	asked  []string
	closed int // connections
}

// careless is a SQLite with its default settings.
func careless() *fake {
	return &fake{answers: map[string]driver.Value{
		"PRAGMA busy_timeout": int64(0), "PRAGMA synchronous": int64(1), "PRAGMA journal_mode": "wal", "PRAGMA quick_check": "ok",
		"SELECT count(*)>0": false, "SELECT version": int64(0),
	}}
}

// config is that of a store with one version.
func config(d Dialect) Config {
	return Config{
		Dialect: d, Table: "box", Steps: [][]string{{`CREATE TABLE {t} (x {bytes})`}}, Lock: 7,
		BusyTimeout: time.Second, OpenTimeout: time.Minute,
		Verify: func(context.Context, *Tables) error { return nil },
	}
}

// db is a pool of connections to the fake.
func (f *fake) db(t *testing.T) *sql.DB {
	db := sql.OpenDB(f)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// open opens the store's tables in the fake.
func (f *fake) open(t *testing.T, d Dialect) (*Tables, error) {
	return Open(t.Context(), f.db(t), config(d))
}

// unopened are the store's tables in the fake before Open.
func (f *fake) unopened(t *testing.T, d Dialect) *Tables {
	return &Tables{db: f.db(t), cfg: config(d), translate: d.translator("box")}
}

func (f *fake) ask(query string, args ...driver.NamedValue) (driver.Value, error) {
	for _, a := range args {
		query += fmt.Sprint(" ", a.Value)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, query)
	for prefix, errs := range f.failures {
		if strings.HasPrefix(query, prefix) && len(errs) > 0 {
			f.failures[prefix] = errs[1:]
			return nil, errs[0]
		}
	}
	if name, value, sets := strings.Cut(query, " = "); sets && value != "WAL" && strings.HasPrefix(query, "PRAGMA") {
		if f.stubborn == "" || !strings.HasPrefix(query, f.stubborn) {
			f.answers[name] = value
		}
		return nil, nil
	}
	longest := ""
	for prefix := range f.answers {
		if strings.HasPrefix(query, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	return f.answers[longest], nil
}

func (f *fake) Connect(context.Context) (driver.Conn, error) { return fakeConn{f}, nil }
func (f *fake) Driver() driver.Driver                        { return nil }

type fakeConn struct{ *fake }

func (c fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not prepared here") }
func (c fakeConn) Begin() (driver.Tx, error)           { return nil, errors.New("not begun so") }

func (c fakeConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	return nil
}

func (c fakeConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	_, err := c.ask("BEGIN")
	return c, err
}

func (c fakeConn) Commit() error   { _, err := c.ask("COMMIT"); return err }
func (c fakeConn) Rollback() error { _, err := c.ask("ROLLBACK"); return err }

func (c fakeConn) ExecContext(_ context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	_, err := c.ask(query, args...)
	return driver.RowsAffected(1), err
}

func (c fakeConn) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	answer, err := c.ask(query, args...)
	if err != nil {
		return nil, err
	}
	row, many := answer.([]driver.Value)
	if !many && answer != nil {
		row = []driver.Value{answer}
	}
	return &fakeRows{row: row}, nil
}

// fakeRows is at most one row.
type fakeRows struct {
	row  []driver.Value
	read bool
}

func (r *fakeRows) Columns() []string { return make([]string, len(r.row)) }
func (r *fakeRows) Close() error      { return nil }

func (r *fakeRows) Next(dest []driver.Value) error {
	if r.row == nil || r.read {
		return io.EOF
	}
	copy(dest, r.row)
	r.read = true
	return nil
}
