package sqlstore

import (
	"regexp"
	"strings"
)

// Dialect says which database a store speaks to: SQLite or Postgres. The zero Dialect is
// neither.
type Dialect struct{ d *dialect }

type dialect struct {
	name      string
	oneWriter bool     // write transactions run one at a time
	words     []string // pairs: a word of a statement, and its meaning
}

// The dialects.
var (
	// SQLite is a file on a local disk, in WAL mode, with every acknowledged write flushed
	// (synchronous=FULL, set on each connection before it writes). Needs SQLite 3.35 or
	// newer. Several processes of one machine may share the file; they write in turn.
	SQLite = Dialect{&dialect{
		name: "sqlite", oneWriter: true,
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
	}}
	// Postgres is PostgreSQL 12 or newer, for any number of processes and machines. Its
	// server's clock measures leases and pauses.
	Postgres = Dialect{&dialect{
		name: "postgres",
		words: []string{
			"{text}", `TEXT COLLATE "C"`,
			"{bytes}", "BYTEA",
			"{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
			"{rowless}", " WITH (fillfactor=70)",
			"{now}", "(extract(epoch FROM clock_timestamp())*1000000)::bigint",
			"{skiplocked}", " FOR UPDATE SKIP LOCKED",
			"{exists}", "SELECT to_regclass($1) IS NOT NULL WHERE $1::text=",
		},
	}}
)

// IsZero reports whether d is no dialect.
func (d Dialect) IsZero() bool { return d.d == nil }

// String is the name of the database in lower case, and "none" of the zero Dialect.
func (d Dialect) String() string {
	if d.d == nil {
		return "none"
	}
	return d.d.name
}

// translator returns a function that translates statements for one table name.
func (d Dialect) translator(table string) func(statement string) string {
	return strings.NewReplacer(append([]string{"{t}", table}, d.d.words...)...).Replace
}

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ValidTable reports whether a table may have this name: a lower-case letter, then up to
// 39 lower-case letters, digits and underscores.
func ValidTable(name string) bool { return tableName.MatchString(name) }
