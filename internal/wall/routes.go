package wall

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// policy lets the page use its own files and nothing else; no page may frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (w *Wall) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.index)
	mux.HandleFunc("GET /_wall/towers", w.fragment)
	mux.HandleFunc("GET /_wall/state", w.state)
	mux.HandleFunc("GET /_wall/stream", w.stream)
	mux.HandleFunc("GET /_wall/doors/{tower}/{locker}", w.detail)
	mux.HandleFunc("POST /_wall/doors/{tower}/{locker}/events", w.act)
	mux.HandleFunc("GET /_wall/lifecycle.svg", w.diagram)
	mux.HandleFunc("GET /_wall/static/{file}", w.page.static)
	foreign := http.NewCrossOriginProtection() // another site must not act through a visitor's browser
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		if foreign.Check(r) != nil {
			problem(rw, http.StatusForbidden, "only the page itself may do this")
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

// firstLook gives a page that comes before the first look a moment to be whole.
func (w *Wall) firstLook(ctx context.Context) State {
	w.mu.Lock()
	ready, failed := w.ready, w.failed
	w.mu.Unlock()
	if !ready && !failed {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		_ = w.Look(ctx) // the page says so when there is nothing to show
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stateLocked()
}

func (w *Wall) index(rw http.ResponseWriter, r *http.Request) {
	w.page.render(rw, "page", pageData{
		State: w.firstLook(r.Context()), Title: w.opts.Title, Subtitle: w.opts.Subtitle, Acts: w.opts.Actions != nil,
		Extra: w.opts.Extra,
	})
}

func (w *Wall) fragment(rw http.ResponseWriter, r *http.Request) {
	w.page.render(rw, "towers", pageData{State: w.firstLook(r.Context())})
}

func (w *Wall) state(rw http.ResponseWriter, r *http.Request) {
	writeJSON(rw, http.StatusOK, w.firstLook(r.Context()))
}

func (w *Wall) diagram(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "image/svg+xml")
	_, _ = rw.Write([]byte(Diagram()))
}

func (w *Wall) detail(rw http.ResponseWriter, r *http.Request) {
	d, ok := w.find(r)
	if !ok {
		problem(rw, http.StatusNotFound, "there is no such door")
		return
	}
	writeJSON(rw, http.StatusOK, d)
}

// find collects what is known of the door that the path names.
func (w *Wall) find(r *http.Request) (Detail, bool) {
	locker, err := strconv.ParseInt(r.PathValue("locker"), 10, 64)
	if err != nil {
		return Detail{}, false
	}
	ref := harbor.LockerRef{Tower: harbor.TowerID(r.PathValue("tower")).Normalize(), Locker: harbor.LockerID(locker)}
	w.mu.Lock()
	k := w.seen[ref]
	if k == nil {
		w.mu.Unlock()
		return Detail{}, false
	}
	d := Detail{Now: w.now, Door: k.door, Next: []Next{}, History: []Seen{}}
	history := k.life.History()
	w.mu.Unlock()
	for _, o := range slices.Backward(history) {
		d.History = append(d.History, Seen{
			At: o.At, Kind: o.Kind, To: o.To, Known: o.To.Known(), Label: statusWords(o.To), Path: o.Path, Text: howWords(o),
		})
	}
	var can []harbor.LockerEvent
	if w.opts.Actions != nil {
		can = w.opts.Actions.Can(ref, d.Door.Status)
	}
	for _, t := range harbor.Transitions() {
		if t.From == d.Door.Status {
			d.Next = append(d.Next, Next{
				Event: t.Event, Label: eventWords(t.Event), To: t.To, ToLabel: statusWords(t.To), Can: slices.Contains(can, t.Event),
			})
		}
	}
	return d, true
}

// act brings about an event that the panel offers.
func (w *Wall) act(rw http.ResponseWriter, r *http.Request) {
	if w.opts.Actions == nil {
		problem(rw, http.StatusNotFound, "this wall only shows")
		return
	}
	d, ok := w.find(r)
	if !ok {
		problem(rw, http.StatusNotFound, "there is no such door")
		return
	}
	var body struct {
		Event harbor.LockerEvent `json:"event"`
	}
	err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, 1<<10)).Decode(&body)
	switch {
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		problem(rw, http.StatusUnsupportedMediaType, "send JSON")
		return
	case err != nil:
		problem(rw, http.StatusBadRequest, `send {"event": …}`)
		return
	case !slices.ContainsFunc(d.Next, func(n Next) bool { return n.Can && n.Event == body.Event }):
		problem(rw, http.StatusConflict, "this cannot be done with the door now")
		return
	}
	if err := w.opts.Actions.Do(r.Context(), d.Door.Ref(), body.Event); err != nil {
		problem(rw, http.StatusConflict, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	_ = w.Look(r.Context())
	rw.WriteHeader(http.StatusNoContent)
}

// problem answers in the form of Harbor's own errors.
func problem(rw http.ResponseWriter, status int, detail string) {
	writeJSON(rw, status, map[string]string{"detail": detail})
}

func writeJSON(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_, _ = rw.Write(append(encode(v), '\n'))
}
