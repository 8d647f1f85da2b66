package wall

import (
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
)

// statusWords is a status as people read it. One that is not known is shown as it came.
func statusWords(s harbor.LockerStatus) string {
	words := strings.TrimSpace(strings.ReplaceAll(string(s), "_", " "))
	if words == "" {
		return "Unknown"
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// eventWords is an event as people read it.
func eventWords(e harbor.LockerEvent) string {
	return strings.NewReplacer("_", " ", "dropoff", "drop-off", "pickup", "pick-up").Replace(string(e))
}

func pathWords(path []harbor.LockerEvent) string {
	words := make([]string, len(path))
	for i, e := range path {
		words[i] = eventWords(e)
	}
	return strings.Join(words, ", then ")
}

// towerWords makes a name of a tower's id: without the environment, which all towers of a
// wall share, and without leading zeros.
func towerWords(id harbor.TowerID) string {
	short := string(id)
	if id.Valid() {
		short = strings.ToUpper(strings.TrimLeft(short[2:], "0"))
	}
	return "Tower " + short
}

// doorWords is a door for a user who does not see it.
func doorWords(d Door) string {
	parts := []string{"Door " + d.Number}
	if d.Size != "" {
		parts = append(parts, d.Size)
	}
	parts = append(parts, strings.ToLower(d.Label))
	for _, extra := range []struct {
		is   bool
		text string
	}{
		{d.DoorOpen, "door open"},
		{d.Low, "low"},
		{d.Unsynced, "waits for a phone at the tower"},
	} {
		if extra.is {
			parts = append(parts, extra.text)
		}
	}
	return strings.Join(parts, ", ")
}

// changeWords is a change in one sentence.
func changeWords(d Door, tower string) string {
	return "Door " + d.Number + " of " + tower + " is now " + strings.ToLower(d.Label)
}

// howWords says how a status came about.
func howWords(o harbor.Observation) string {
	switch o.Kind {
	case harbor.ObservationFirst:
		return "first seen"
	case harbor.ObservationLegal:
		return eventWords(o.Path[0])
	case harbor.ObservationSkipped:
		return pathWords(o.Path) + " (steps not seen)"
	}
	return "set by hand, or much was not seen"
}
