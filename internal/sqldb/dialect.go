// Package sqldb is what stores on database/sql share: two dialects without a driver, a
// check that the database keeps what it acknowledges, and versioned tables.
package sqldb

import (
	"regexp"
	"strings"
)

// Dialect is where the databases differ.
type Dialect struct {
	Name string
	// OneWriter: writes take turns, and a transaction must begin by writing.
	OneWriter bool
	words     []string // what the words in braces of a statement mean, in pairs
}

// The databases there are.
var (
	SQLite = Dialect{
		Name: "sqlite", OneWriter: true,
		words: []string{
			"$", "?",
			"{text}", "TEXT",
			"{bytes}", "BLOB",
			"{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT",
			"{rowless}", " WITHOUT ROWID",
			"{now}", "CAST((julianday('now')-2440587.5)*86400000000 AS INTEGER)",
			"{skiplocked}", "",
			"{exists}", "SELECT count(*)>0 FROM sqlite_master WHERE type='table' AND name=",
		},
	}
	Postgres = Dialect{
		Name: "postgres",
		words: []string{
			"{text}", `TEXT COLLATE "C"`,
			"{bytes}", "BYTEA",
			"{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
			"{rowless}", " WITH (fillfactor=70)",
			"{now}", "(extract(epoch FROM clock_timestamp())*1000000)::bigint",
			"{skiplocked}", " FOR UPDATE SKIP LOCKED",
			"{exists}", "SELECT to_regclass($1) IS NOT NULL WHERE $1::text=",
		},
	}
)

// String is the name of the database, lower case, and "none" of no dialect.
func (d *Dialect) String() string {
	if d == nil {
		return "none"
	}
	return d.Name
}

// Texts returns what translates statements for one table name: {t} is the table, $1 a
// parameter, {text} a column type that compares by bytes, {now} microseconds since 1970.
func (d *Dialect) Texts(table string) func(statement string) string {
	return strings.NewReplacer(append([]string{"{t}", table}, d.words...)...).Replace
}

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ValidTable reports whether a name may go into statements as it is.
func ValidTable(name string) bool { return tableName.MatchString(name) }
