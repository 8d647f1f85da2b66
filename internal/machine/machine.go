// Package machine answers questions about a table of transitions: the life of a locker, of
// a delivery and of a reservation are such tables. It imports nothing of this module.
package machine

import (
	"fmt"
	"slices"
	"strings"
)

// Table is a state machine written as rows of any type. Step reads one row; no two rows
// have the same From and Event, unless the table is only drawn. A Table holds no state and
// is safe for concurrent use.
type Table[Row any, State, Event ~string] struct {
	Rows []Row
	Step func(*Row) (from State, event Event, to State)
}

// Next returns the state that event leads to from a state; false when no row says so.
func (t *Table[Row, State, Event]) Next(from State, event Event) (State, bool) {
	for i := range t.Rows {
		if f, e, to := t.Step(&t.Rows[i]); f == from && e == event {
			return to, true
		}
	}
	return from, false
}

// Events returns what may happen in a state, in the order of the rows.
func (t *Table[Row, State, Event]) Events(from State) []Event {
	var events []Event
	for i := range t.Rows {
		if f, e, _ := t.Step(&t.Rows[i]); f == from {
			events = append(events, e)
		}
	}
	return events
}

// Has reports whether a row has this event.
func (t *Table[Row, State, Event]) Has(event Event) bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool {
		_, e, _ := t.Step(&r)
		return e == event
	})
}

// Path returns the rows of a shortest way from one state to another; of several equally
// short ones always the same, by the order of the rows. It is empty when the two are the
// same, and false when no way exists.
func (t *Table[Row, State, Event]) Path(from, to State) ([]Row, bool) {
	if from == to {
		return nil, true
	}
	ways := map[State][]Row{from: nil}
	for queue := []State{from}; len(queue) > 0; queue = queue[1:] {
		for i := range t.Rows {
			f, _, next := t.Step(&t.Rows[i])
			if _, reached := ways[next]; f != queue[0] || reached {
				continue
			}
			ways[next] = append(slices.Clip(ways[f]), t.Rows[i])
			if next == to {
				return ways[next], true
			}
			queue = append(queue, next)
		}
	}
	return nil, false
}

// Diagram draws the table as a Mermaid state diagram that begins at start. Events with the
// same two ends share an arrow. A row whose From is empty begins at the start mark; ends
// are the states in which the machine stops. The text changes only with the table.
func (t *Table[Row, State, Event]) Diagram(start State, ends ...State) string {
	type arrow struct{ from, to State }
	var order []arrow
	labels := make(map[arrow][]string)
	for i := range t.Rows {
		from, event, to := t.Step(&t.Rows[i])
		a := arrow{from, to}
		if labels[a] == nil {
			order = append(order, a)
		}
		labels[a] = append(labels[a], string(event))
	}
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	if start != "" {
		fmt.Fprintf(&b, "    %s --> %s\n", mark, start)
	}
	for _, a := range order {
		from := string(a.from)
		if from == "" {
			from = mark
		}
		fmt.Fprintf(&b, "    %s --> %s: %s\n", from, a.to, strings.Join(labels[a], ", "))
	}
	for _, s := range ends {
		fmt.Fprintf(&b, "    %s --> %s\n", s, mark)
	}
	return b.String()
}

const mark = "[*]" // where a machine begins and ends

// Refusal says in one line that an event does not belong to a state, and names the events
// that do: for the typed errors of the packages that own a table. The subject is what the
// state is of, such as "a locker".
func Refusal[State, Event ~string](event Event, subject string, state State, allowed []Event) string {
	hint := "nothing is known of this state"
	if len(allowed) > 0 {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		hint = "allowed: " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("%q does not belong to %s that is %q; %s", event, subject, state, hint)
}
