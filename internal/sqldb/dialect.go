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
			"{exists}", "SELECT count(*)>0 FROM sqlite_master WHERE type='table' AND name=",
		},
	}
	Postgres = Dialect{
		Name: "postgres",
		words: []string{
			"{text}", `TEXT COLLATE "C"`,
			"{exists}", "SELECT to_regclass($1) IS NOT NULL WHERE $1::text=",
		},
	}
)

// Texts translates statements for one dialect and one table name: {t} is the table, $1 a
// parameter, {text} a column type that compares by bytes.
type Texts struct{ replace *strings.Replacer }

// Texts returns the translation for a table.
func (d *Dialect) Texts(table string) Texts {
	return Texts{strings.NewReplacer(append([]string{"{t}", table}, d.words...)...)}
}

// Of translates one statement.
func (t Texts) Of(statement string) string { return t.replace.Replace(statement) }

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ValidTable reports whether a name may go into statements as it is.
func ValidTable(name string) bool { return tableName.MatchString(name) }
