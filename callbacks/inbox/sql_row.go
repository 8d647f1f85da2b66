package inbox

import (
	"database/sql"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// row is a record as its columns hold it.
type row struct {
	feed     string
	key      []byte
	slot     []byte // nil: none
	group    sql.NullString
	change   string
	received int64 // microseconds since 1970
	raw      []byte
	problem  sql.NullString
	state    State
}

func toRow(r callbacks.Record) row {
	out := row{
		feed: r.Feed, key: r.Key[:], change: storedTime(r.Time), received: r.ReceivedAt.UnixMicro(), raw: r.Raw,
	}
	if out.raw == nil {
		out.raw = []byte{}
	}
	if !r.Slot.IsZero() {
		out.slot = r.Slot[:]
	}
	if r.Quarantined() {
		out.state = Quarantined
		out.problem = sql.NullString{String: sqlstore.OneLine(r.Problem), Valid: true}
	} else {
		out.group = sql.NullString{String: storedGroup(r.Group), Valid: true}
	}
	return out
}

// outcome says what became of a record that was or was not inserted.
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

// scanItem reads itemColumns and whatever follows them.
func scanItem(rows *sql.Rows, more ...any) (item Item, err error) {
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
