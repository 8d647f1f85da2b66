package wall

import (
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// State is the whole wall: GET /_wall/state, and the event "snapshot" of the stream.
type State struct {
	Now    time.Time `json:"now"`
	Stale  bool      `json:"stale"` // the source does not answer; this was seen last
	Shape  string    `json:"shape"` // changes only when doors come, go or move
	Towers []Tower   `json:"towers"`
}

// Tower is a bank of doors.
type Tower struct {
	ID    harbor.TowerID `json:"id"`
	Name  string         `json:"name"`
	Place string         `json:"place,omitempty"`
	// Doors are ordered by Column, and top down within.
	Doors []Door `json:"doors"`
}

// Door is one locker on the page.
type Door struct {
	Tower    harbor.TowerID      `json:"tower"`
	Locker   harbor.LockerID     `json:"locker"`
	Number   string              `json:"number"` // painted on the door
	Size     string              `json:"size,omitempty"`
	Low      bool                `json:"low,omitempty"`
	Column   int                 `json:"column"` // from 0, left to right
	Units    int                 `json:"units"`  // height
	Status   harbor.LockerStatus `json:"status"`
	Known    bool                `json:"known"`           // the status is one of harbor.LockerStatuses
	Label    string              `json:"label"`           // the status in words
	Text     string              `json:"text"`            // the door in words, for a screen reader
	Owner    string              `json:"owner,omitempty"` // who has it, where that is known
	Since    *time.Time          `json:"since,omitempty"`
	Until    *time.Time          `json:"until,omitempty"`
	DoorOpen bool                `json:"door_open"`
	Full     bool                `json:"full"`
	Unsynced bool                `json:"unsynced"`
}

// Ref names the locker of the door.
func (d Door) Ref() harbor.LockerRef { return harbor.LockerRef{Tower: d.Tower, Locker: d.Locker} }

// Change is a door that is not as before: the event "change" of the stream. Kind and what
// follows are empty when only something beside the status changed.
type Change struct {
	Now  time.Time              `json:"now"`
	Door Door                   `json:"door"`
	Kind harbor.ObservationKind `json:"kind,omitempty"`
	From harbor.LockerStatus    `json:"from,omitempty"`
	Path []harbor.LockerEvent   `json:"path,omitempty"`
	Text string                 `json:"text,omitempty"` // for people
}

// Detail is what the panel shows of a door: GET /_wall/doors/{tower}/{locker}.
type Detail struct {
	Now  time.Time `json:"now"`
	Door Door      `json:"door"`
	Next []Next    `json:"next"`
	// History is what the wall saw, newest first: a change of status each.
	History []Seen `json:"history"`
}

// Next is an event that the status allows.
type Next struct {
	Event   harbor.LockerEvent  `json:"event"`
	Label   string              `json:"label"`
	To      harbor.LockerStatus `json:"to"`
	ToLabel string              `json:"to_label"`
	Can     bool                `json:"can"` // POST …/events brings it about
}

// Seen is one line of the history.
type Seen struct {
	At    time.Time              `json:"at"`
	Kind  harbor.ObservationKind `json:"kind"`
	To    harbor.LockerStatus    `json:"to"`
	Known bool                   `json:"known"`
	Label string                 `json:"label"`
	Path  []harbor.LockerEvent   `json:"path,omitempty"`
	Text  string                 `json:"text"` // how it came about
}
