package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/internal/wall"
)

//go:embed static
var static embed.FS

// panel is what the page shows beside the doors: a counter at which a delivery is clicked
// through. It needs the simulator's phones, so it is there only when all is embedded.
func (b *backend) panel() wall.Extra {
	if b.world == nil {
		return wall.Extra{}
	}
	html, err := static.ReadFile("static/counter.html")
	if err != nil {
		panic(err) // it is embedded
	}
	return wall.Extra{HTML: template.HTML(html), Style: "_counter/static/counter.css", Script: "_counter/static/counter.js"}
}

// newPage puts the page together and says who may see it: every user of this machine when
// all is embedded, else those who know the password, else no one.
func (b *backend) newPage(loopback bool) error {
	secret := b.cfg.pagePassword()
	if b.world == nil && secret == "" {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("/", b.wall)
	if b.world != nil {
		c := &counter{backend: b, phone: &phone{
			base: "http://" + b.here, token: b.cfg.appToken, client: &http.Client{Timeout: time.Minute},
			tower: b.world.harbor, look: b.lookNow, open: 900 * time.Millisecond,
		}}
		mux.Handle("/_counter/", c.routes())
	}
	b.page = mux
	if secret != "" {
		b.page = password(secret, b.page)
	}
	if b.world != nil && loopback {
		b.page = localOnly(b.page)
	}
	return nil
}

// lookNow shows on the page what just happened, so that its history lacks no step.
func (b *backend) lookNow(ctx context.Context) {
	for _, l := range b.world.harbor.Snapshot() {
		b.source.touch(l.Ref.Tower)
	}
	_ = b.wall.Look(context.WithoutCancel(ctx)) // the page tells of a failure
}

// counter serves the panel.
type counter struct {
	backend *backend
	phone   *phone
}

func (c *counter) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_counter/static/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeFileFS(w, r, static, "static/"+r.PathValue("file"))
	})
	mux.HandleFunc("GET /_counter/deliveries", c.list)
	mux.HandleFunc("GET /_counter/customers/{customer}", c.customer)
	mux.HandleFunc("POST /_counter/deliveries", c.start)
	mux.HandleFunc("POST /_counter/deliveries/{reference}/{what}", c.act)
	foreign := http.NewCrossOriginProtection() // another site must not act through a visitor's browser
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, apiError{http.StatusForbidden, "forbidden", "only the page itself may do this"})
	}))
	return foreign.Handler(jsonErrors(mux))
}

// shown is how many deliveries the panel has room for.
const shown = 6

// list returns the newest deliveries.
func (c *counter) list(w http.ResponseWriter, r *http.Request) {
	all, err := c.all(r.Context())
	if err != nil {
		c.backend.fail(w, err)
		return
	}
	slices.SortStableFunc(all, func(a, b *delivery.Delivery) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.Reference, a.Reference))
	})
	out := struct {
		Count      int    `json:"count"`
		Deliveries []view `json:"deliveries"`
	}{len(all), []view{}}
	for _, d := range all[:min(len(all), shown)] {
		out.Deliveries = append(out.Deliveries, viewOf(d))
	}
	writeJSON(w, http.StatusOK, out)
}

func (c *counter) all(ctx context.Context) (all []*delivery.Delivery, err error) {
	f := delivery.Filter{Limit: 500}
	for {
		page, err := c.backend.manager.List(ctx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < f.Limit {
			return all, nil
		}
		f.After = page[len(page)-1].Reference
	}
}

func (c *counter) start(w http.ResponseWriter, r *http.Request) {
	var in struct{ Reference, Size string }
	if err := readJSON(w, r, &in); err != nil {
		c.backend.fail(w, err)
		return
	}
	t, err := c.phone.start(r.Context(), in.Reference, in.Size)
	c.backend.lookNow(r.Context())
	c.answer(w, t, err)
}

func (c *counter) act(w http.ResponseWriter, r *http.Request) {
	what, reference := r.PathValue("what"), r.PathValue("reference")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callLimit) // a door that opens is shut again
	defer cancel()
	if what == "cancel" {
		t, err := c.phone.cancel(ctx, reference)
		c.backend.lookNow(ctx)
		c.answer(w, t, err)
		return
	}
	if _, ok := doors[what]; !ok {
		c.backend.fail(w, &apiError{http.StatusNotFound, "not_found", "there is nothing here"})
		return
	}
	t, err := c.phone.use(ctx, reference, what)
	c.answer(w, t, err)
}

// answer shows what the phone did. What the tower says is fit for people.
func (c *counter) answer(w http.ResponseWriter, t *trip, err error) {
	if err == nil {
		writeJSON(w, http.StatusOK, t)
		return
	}
	if own, ok := errors.AsType[*apiError](err); ok {
		writeError(w, *own)
		return
	}
	writeError(w, apiError{http.StatusConflict, "tower", err.Error()})
}

func (c *counter) customer(w http.ResponseWriter, r *http.Request) {
	a, err := c.backend.arrivals.of(r.Context(), foxtrottest.DemoDC, foxtrot.CustomerID(r.PathValue("customer")))
	if err != nil {
		c.backend.fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, a)
}
