package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/alzabox/alzaboxtest"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/wall"
)

// config is what stays the same when the simulator begins anew.
type config struct {
	clientID, clientSecret string
	foxtrotKey             string
	alzaboxSecret          string
	webhookURL             string
	webhookHeader          http.Header
	callbackURL            string
	callbackUser           string // user:password
	harborURL, foxtrotURL  string
	alzaboxURL             string
}

func (c *config) addHeader(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return errors.New("must be Name: value")
	}
	if c.webhookHeader == nil {
		c.webhookHeader = http.Header{}
	}
	c.webhookHeader.Add(name, strings.TrimSpace(value))
	return nil
}

// simulator is the world as it is now, and the wall that shows it.
type simulator struct {
	config config
	wall   *wall.Wall
	send   chan struct{} // one element: a callback may wait

	mu  sync.RWMutex
	now *world
}

// world is one life of the simulator, from a reset to the next.
type world struct {
	config  config
	harbor  *harbortest.Server
	foxtrot *foxtrottest.Server
	alzabox *alzaboxtest.Server
	client  *harbor.Client // in this process; acts as the service provider
	hand    hand

	mu     sync.Mutex
	phones map[string]*phone
}

func newSimulator(c config) (*simulator, error) {
	c.clientID = cmp.Or(c.clientID, harbortest.DefaultClientID)
	c.clientSecret = cmp.Or(c.clientSecret, rand.Text())
	c.foxtrotKey = cmp.Or(c.foxtrotKey, "sim-"+rand.Text())
	c.alzaboxSecret = cmp.Or(c.alzaboxSecret, rand.Text())
	s := &simulator{config: c, send: make(chan struct{}, 1)}
	w, err := newWorld(c)
	if err != nil {
		return nil, err
	}
	s.now = w
	s.wall, err = wall.New(wall.SourceFunc(s.lockers), wall.Options{
		Title: "Locker wall", Subtitle: "A simulator: what is clicked here, " + c.clientID + " does.",
		Now: func() time.Time { return s.world().harbor.Now() }, Actions: actions{s},
	})
	return s, err
}

func newWorld(c config) (*world, error) {
	opts := []harbortest.Option{
		harbortest.WithCredentials(harbor.Credentials{ClientID: c.clientID, ClientSecret: c.clientSecret}),
	}
	if c.webhookURL != "" {
		opts = append(opts, harbortest.WithWebhookURL(c.webhookURL))
	}
	for name, values := range c.webhookHeader {
		for _, v := range values {
			opts = append(opts, harbortest.WithWebhookHeader(name, v))
		}
	}
	w := &world{config: c, phones: map[string]*phone{}}
	var err error
	if w.harbor, err = harbortest.New(opts...); err != nil {
		return nil, err
	}
	w.harbor.URL = c.harborURL
	if w.foxtrot, err = foxtrottest.New(foxtrottest.WithAPIKey(c.foxtrotKey)); err == nil {
		w.foxtrot.URL = c.foxtrotURL
		w.client, err = w.harbor.Client()
	}
	if err == nil {
		w.alzabox, err = newAlzaBox(c)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *world) close() {
	if w.client != nil {
		_ = w.client.Close()
	}
	if w.foxtrot != nil {
		w.foxtrot.Close()
	}
	if w.alzabox != nil {
		w.alzabox.Close()
	}
	w.harbor.Close()
}

func (w *world) ready() ready {
	creds := w.harbor.Credentials()
	return ready{
		APIURL: w.harbor.URL, TokenURL: w.harbor.TokenURL(), ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
		FoxtrotURL: w.foxtrot.URL, FoxtrotKey: w.foxtrot.APIKey, AlzaBox: w.alzaboxReady(),
	}
}

func (s *simulator) world() *world {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now
}

// advance lets time pass on all three servers.
func (w *world) advance(d time.Duration) {
	for _, api := range apis {
		w.api(api).Advance(d)
	}
}

// reset puts a new world in the place of the old one.
func (s *simulator) reset(ctx context.Context) error {
	fresh, err := newWorld(s.config)
	if err != nil {
		return err
	}
	s.mu.Lock()
	old := s.now
	s.now = fresh
	s.mu.Unlock()
	old.close()
	s.wall.Reset()
	return s.wall.Look(ctx)
}

func (s *simulator) close() { s.world().close() }

// lockers is the wall's view.
func (s *simulator) lockers(context.Context) ([]wall.Locker, error) {
	views := s.world().harbor.Snapshot()
	out := make([]wall.Locker, len(views))
	for i, v := range views {
		out[i] = wall.Locker{
			Ref: v.Ref, Status: v.Status, Name: v.Name, Size: v.Type.Name, Low: v.Low,
			Place: strings.TrimSpace(v.LocationName), Owner: v.Owner, Since: v.Since, Until: v.Expires,
			DoorOpen: v.DoorOpen, Full: v.Full, Unsynced: v.Unsynced,
		}
	}
	return out, nil
}

// look shows on the wall what just happened, whether or not the client waits.
func (s *simulator) look(ctx context.Context) { _ = s.wall.Look(context.WithoutCancel(ctx)) }

// serveHarbor answers as Harbor. The wall looks after each request that may have moved a
// locker, so that its history lacks no step.
func (s *simulator) serveHarbor(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		defer s.look(r.Context()) // also when a fault cuts the connection
	}
	s.world().harbor.ServeHTTP(rw, r)
}

func (s *simulator) serveFoxtrot(rw http.ResponseWriter, r *http.Request) {
	s.world().foxtrot.ServeHTTP(rw, r)
}

// hasTower reports whether there is such a tower.
func (w *world) hasTower(id harbor.TowerID) bool {
	return slices.ContainsFunc(w.harbor.Snapshot(), func(v harbortest.LockerView) bool { return v.Ref.Tower == id.Normalize() })
}
