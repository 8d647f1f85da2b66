package inbox

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// schema holds, for each version, the statements that lead to it from the one before.
// A published version never changes; a new one is appended.
var schema = [][]string{{
	`CREATE TABLE {t} (
		id          {serial},
		feed        {text}   NOT NULL,
		key         {bytes}  NOT NULL,
		slot        {bytes},
		grp         {text},
		changed_at  {text}   NOT NULL,
		received_at BIGINT   NOT NULL,
		raw         {bytes}  NOT NULL,
		problem     {text},
		state       SMALLINT NOT NULL,
		attempts    INTEGER  NOT NULL DEFAULT 0,
		late        SMALLINT NOT NULL DEFAULT 0,
		amended     SMALLINT NOT NULL DEFAULT 0,
		last_error  {text},
		settled_at  BIGINT
	)`,
	`CREATE UNIQUE INDEX {t}_key ON {t} (key, feed)`,
	`CREATE INDEX {t}_slot ON {t} (slot, feed) WHERE slot IS NOT NULL`,
	`CREATE INDEX {t}_waiting ON {t} (feed, grp, changed_at, id) WHERE state = 0`,
	`CREATE INDEX {t}_aside ON {t} (feed, state) WHERE state IN (2, 3)`,
	`CREATE INDEX {t}_settled ON {t} (settled_at) WHERE settled_at IS NOT NULL`,
	// due_at is when a group may be claimed, and so also its pause and its lease; null
	// when nothing waits in it or it is held.
	`CREATE TABLE {t}_groups (
		feed       {text}   NOT NULL,
		grp        {text}   NOT NULL,
		newest     {text}   NOT NULL DEFAULT '',
		due_at     BIGINT,
		fence      BIGINT   NOT NULL DEFAULT 0,
		held       SMALLINT NOT NULL DEFAULT 0,
		settled_at BIGINT   NOT NULL DEFAULT 0,
		PRIMARY KEY (feed, grp)
	){rowless}`,
	`CREATE INDEX {t}_due ON {t}_groups (feed, due_at) WHERE due_at IS NOT NULL`,
	`CREATE INDEX {t}_held ON {t}_groups (feed) WHERE held = 1`,
}}

// row is a record as its columns hold it; a missing slot, group or problem is nil.
type row struct {
	feed                 string
	key, raw             []byte
	slot, group, problem any
	change               string
	received             int64 // microseconds since 1970
	state                State
}

func toRow(r callbacks.Record) row {
	out := row{
		feed: r.Feed, key: r.Key[:], raw: r.Raw,
		change: storedTime(r.Time), received: r.ReceivedAt.UnixMicro(),
	}
	if out.raw == nil {
		out.raw = []byte{}
	}
	if !r.Slot.IsZero() {
		out.slot = r.Slot[:]
	}
	if r.Quarantined() {
		out.state, out.problem = StateQuarantined, sqlstore.OneLine(r.Problem)
	} else {
		out.group = storedGroup(r.Group)
	}
	return out
}

// values are in the order of the inserts' columns.
func (r row) values() []any {
	return []any{r.feed, r.key, r.slot, r.group, r.change, r.received, r.raw, r.problem, int64(r.state)}
}

// outcome is that of a record that was or was not inserted.
func outcome(r callbacks.Record, inserted, amended bool) callbacks.Outcome {
	switch {
	case !inserted:
		return callbacks.OutcomeDuplicate
	case r.Quarantined():
		return callbacks.OutcomeQuarantined
	case amended:
		return callbacks.OutcomeAmended
	}
	return callbacks.OutcomeStored
}

const (
	recordColumns = `feed, key, slot, grp, changed_at, received_at, raw, problem`
	itemColumns   = recordColumns + `, id, attempts, late, amended`
	entryColumns  = itemColumns + `, state, last_error, settled_at`
)

// scanItem reads itemColumns and the columns after them.
func scanItem(rows interface{ Scan(...any) error }, more ...any) (item Item, err error) {
	var key, slot []byte
	var group, problem sql.NullString
	var change string
	var received int64
	err = rows.Scan(append([]any{
		&item.Feed, &key, &slot, &group, &change, &received, &item.Raw, &problem,
		&item.Lease.ID, &item.Attempt, &item.Late, &item.Amended,
	}, more...)...)
	if err != nil {
		return item, err
	}
	copy(item.Key[:], key)
	copy(item.Slot[:], slot)
	item.Group, item.Problem = unescapeText(group.String), problem.String
	item.ReceivedAt = time.UnixMicro(received).UTC()
	item.Time, err = readTime(change)
	return item, err
}

// scanEntry reads entryColumns.
func scanEntry(rows *sql.Rows) (Entry, error) {
	var state State
	var lastError sql.NullString
	var settled sql.NullInt64
	item, err := scanItem(rows, &state, &lastError, &settled)
	e := Entry{
		Record: item.Record, ID: item.Lease.ID, State: state, Attempts: item.Attempt,
		Late: item.Late, Amended: item.Amended, LastError: lastError.String,
	}
	if settled.Valid {
		e.SettledAt = time.UnixMicro(settled.Int64).UTC()
	}
	return e, err
}

// Databases refuse some bytes in a text column, or cut the text there, such as a zero. A
// sender can put them into a JSON string, so they are stored as escapes and read back.

// maxGroup is how long a group may be and still fit the indexes of every database. A longer
// one is cut and told apart by its digest; it is then listed in that form.
const maxGroup = 512

func storedGroup(g string) string {
	if len(g) > maxGroup {
		sum := sha256.Sum256([]byte(g))
		g = g[:200] + "…" + hex.EncodeToString(sum[:])
	}
	return escapeText(g)
}

func escapeText(s string) string {
	if utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\\") {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if r == 0 || r == '\\' || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

var escaped = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// unescapeText reverses escapeText; any other text stays as it is.
func unescapeText(s string) string {
	return escaped.ReplaceAllStringFunc(s, func(code string) string {
		c, _ := hex.DecodeString(code[2:])
		return string(c)
	})
}

// timeLayout sorts as text in the order of time. Times beyond the years 0 to 9999, which
// no JSON time can have, are kept as the nearest that fits.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

var (
	firstTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
)

func storedTime(t time.Time) string {
	t = t.UTC()
	if t.Before(firstTime) {
		t = firstTime
	} else if t.After(lastTime) {
		t = lastTime
	}
	return t.Format(timeLayout)
}

func readTime(s string) (time.Time, error) { return time.Parse(timeLayout, s) }
