package inbox

import (
	"regexp"
	"strings"
)

// Dialect says which database Open speaks to. The two that exist are SQLite and Postgres.
type Dialect struct{ d *dialect }

// The databases Open knows.
var (
	// SQLite keeps the inbox in a file on a local disk, in WAL mode, with every
	// acknowledged write flushed (synchronous=FULL, set on each connection the inbox
	// writes on). Needs SQLite 3.35 or newer. Several processes may share the file;
	// they take turns at writing.
	SQLite = Dialect{&sqlite}
	// Postgres keeps the inbox in PostgreSQL 12 or newer, for any number of receivers
	// and handlers. Leases are measured by the server's clock.
	Postgres = Dialect{&postgres}
)

// String is the name of the database, lower case.
func (d Dialect) String() string {
	if d.d == nil {
		return "none"
	}
	return d.d.name
}

// dialect is where the databases differ.
type dialect struct {
	name string
	// oneWriter: writes take turns, and a transaction takes the turn with its first
	// statement, which must therefore write.
	oneWriter bool
	words     []string // what the words in braces of a statement mean, in pairs
	newEngine func(*sqlStore) engine
}

var sqlite = dialect{
	name:      "sqlite",
	oneWriter: true,
	words: []string{
		"$", "?",
		"{now}", "CAST((julianday('now')-2440587.5)*86400000000 AS INTEGER)",
		"{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT",
		"{bytes}", "BLOB",
		"{text}", "TEXT",
		"{rowless}", " WITHOUT ROWID",
		"{skiplocked}", "",
		"{exists}", "SELECT count(*)>0 FROM sqlite_master WHERE type='table' AND name=",
	},
	newEngine: func(s *sqlStore) engine { return &sqliteEngine{s} },
}

var postgres = dialect{
	name: "postgres",
	words: []string{
		"{now}", "(extract(epoch FROM clock_timestamp())*1000000)::bigint",
		"{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		"{bytes}", "BYTEA",
		"{text}", `TEXT COLLATE "C"`,
		"{rowless}", " WITH (fillfactor=70)",
		"{skiplocked}", " FOR UPDATE SKIP LOCKED",
		"{exists}", "SELECT to_regclass($1) IS NOT NULL WHERE $1::text=",
	},
	newEngine: func(s *sqlStore) engine { return &postgresEngine{s} },
}

// statements translates texts for one dialect and one table name.
type statements struct{ replace *strings.Replacer }

func newStatements(d *dialect, table string) statements {
	return statements{strings.NewReplacer(append([]string{"{t}", table}, d.words...)...)}
}

func (s statements) text(t string) string { return s.replace.Replace(t) }

// tableName is what WithTable accepts: it goes into statements as it is.
var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
