// Package wall shows locker towers as one web page, as people know them from the street:
// banks of doors, coloured by status, live. A click on a door shows what was seen of it and
// what may happen next.
//
// The page is plain HTML, CSS and JavaScript from embedded files. It loads nothing from
// another host. Everything it shows stands in JSON as well: see State, Change and Detail.
package wall

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Wall looks at a Source, remembers what it saw, and serves the page. It is an
// http.Handler for the path "/" and those below "/_wall/"; behind http.StripPrefix it may
// be mounted anywhere. Run must be called once. All methods are safe for concurrent use.
type Wall struct {
	source  Source
	opts    Options
	mux     http.Handler
	page    *page
	hub     *hub
	viewers chan struct{}
	nudge   chan struct{}

	looking sync.Mutex // one look at a time

	mu     sync.Mutex // guards what follows
	ready  bool       // looked with success once
	failed bool       // the last look failed
	now    time.Time
	towers []Tower
	shape  string
	seen   map[harbor.LockerRef]*seen
}

// seen is what the wall knows of one locker.
type seen struct {
	door Door
	life harbor.Lifecycle
}

// Options set up a Wall. All may be left empty.
type Options struct {
	Title    string // "Locker wall" when empty
	Subtitle string // a line below the title
	// Interval is the time from one look to the next without a nudge; one second when
	// zero.
	Interval time.Duration
	// Now is the clock of the source, where it has its own.
	Now func() time.Time
	// Actions lets people on the page bring events about. Nil: the page only shows.
	Actions Actions
	// MaxViewers bounds how many pages are live at once; 128 when zero. More are told to
	// come again.
	MaxViewers int
	// Extra adds to the page, for a program that has more to show than doors.
	Extra Extra
}

// Extra is a part of a page that the program around the wall adds. Its addresses must be
// on the same host: the page's policy lets nothing else in. The script hears of every
// message of the stream by the event "wall" at the document.
type Extra struct {
	HTML   template.HTML // stands between the head of the page and the towers
	Style  string        // address of a style sheet; empty: none
	Script string        // address of a module; empty: none
}

// New makes the wall of a source. It looks at nothing before Run or Look.
func New(source Source, opts Options) (*Wall, error) {
	if source == nil {
		return nil, errors.New("wall: the source is nil")
	}
	if opts.Title == "" {
		opts.Title = "Locker wall"
	}
	if opts.Interval <= 0 {
		opts.Interval = time.Second
	}
	if opts.MaxViewers <= 0 {
		opts.MaxViewers = 128
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	p, err := newPage()
	if err != nil {
		return nil, err
	}
	w := &Wall{
		source: source, opts: opts, page: p, hub: newHub(),
		viewers: make(chan struct{}, opts.MaxViewers), nudge: make(chan struct{}, 1),
		seen: map[harbor.LockerRef]*seen{},
	}
	w.mux = w.routes()
	return w, nil
}

// Run looks at the source until ctx ends, whenever nudged and at least every Interval. It
// then ends all live pages' streams, so end it before http.Server.Shutdown.
func (w *Wall) Run(ctx context.Context) {
	defer w.hub.close()
	tick := time.NewTicker(w.opts.Interval)
	defer tick.Stop()
	for {
		_ = w.Look(ctx) // the page tells of a failure
		select {
		case <-tick.C:
		case <-w.nudge:
		case <-ctx.Done():
			return
		}
	}
}

// Nudge makes Run look at once, for instance because a webhook came. It does not wait.
func (w *Wall) Nudge() {
	select {
	case w.nudge <- struct{}{}:
	default:
	}
}

// ServeHTTP serves the page, its files, its JSON and its stream of events.
func (w *Wall) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.mux.ServeHTTP(rw, r) }
