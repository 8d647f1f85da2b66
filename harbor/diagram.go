package harbor

import "strings"

// Diagram draws Transitions as a Mermaid state diagram, which many forges and editors
// render. Events with the same two ends share an arrow. The text changes only with the
// table.
func Diagram() string {
	type arrow struct{ from, to LockerStatus }
	var order []arrow
	labels := make(map[arrow][]string)
	for _, t := range transitions {
		a := arrow{t.From, t.To}
		if labels[a] == nil {
			order = append(order, a)
		}
		labels[a] = append(labels[a], string(t.Event))
	}
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> " + string(LockerStatusAvailable) + "\n")
	for _, a := range order {
		b.WriteString("    " + string(a.from) + " --> " + string(a.to) + ": " + strings.Join(labels[a], ", ") + "\n")
	}
	return b.String()
}
