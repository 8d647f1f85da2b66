package foxtrottest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
)

func listWebhooks(s *Server, _ request) reply {
	return ok("webhooks", append([]foxtrot.Webhook{}, s.webhooks...))
}

func createWebhook(s *Server, r request) reply {
	var in struct {
		WebhookURL string                     `json:"webhook_url"`
		Events     []foxtrot.WebhookEventType `json:"events"`
		DCs        []foxtrot.DCID             `json:"dc_ids"`
	}
	bad := fail(http.StatusBadRequest, foxtrot.CodeBadParameters, "bad parameters")
	if !r.decode(&in) || len(in.Events) == 0 || len(in.DCs) == 0 {
		return bad
	}
	if u, err := url.Parse(in.WebhookURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return bad
	}
	if slices.ContainsFunc(in.Events, func(e foxtrot.WebhookEventType) bool { return !e.Known() }) {
		return bad
	}
	for _, id := range in.DCs {
		if _, known := s.dcs[id]; !known {
			return fail(http.StatusForbidden, 0, "DC does not exist or is not permitted")
		}
	}
	s.collect() // earlier events are not for the new one
	s.nextHook++
	hook := foxtrot.Webhook{
		ID: foxtrot.WebhookID(fmt.Sprintf("wh-%d", s.nextHook)), URL: in.WebhookURL, Enabled: new(true), DCs: in.DCs, Events: in.Events,
	}
	s.webhooks = append(s.webhooks, hook)
	return ok("webhook", hook)
}

// switchWebhook changes enabled; nothing else can be changed.
func switchWebhook(s *Server, r request) reply {
	var in struct {
		Enabled *bool `json:"enabled"`
	}
	i := s.hookIndex(r.Args["webhook"])
	switch {
	case i < 0:
		return fail(http.StatusNotFound, 0, "webhook does not exist")
	case !r.decode(&in) || in.Enabled == nil:
		return fail(http.StatusBadRequest, foxtrot.CodeBadParameters, "bad parameters")
	}
	s.collect()
	s.webhooks[i].Enabled = in.Enabled
	return ok("webhook", s.webhooks[i])
}

// deleteWebhook answers without data.
func deleteWebhook(s *Server, r request) reply {
	i := s.hookIndex(r.Args["webhook"])
	if i < 0 {
		return fail(http.StatusNotFound, 0, "webhook does not exist")
	}
	s.webhooks = slices.Delete(s.webhooks, i, i+1)
	return reply{status: http.StatusOK, data: map[string]any{}}
}

func (s *Server) hookIndex(id string) int {
	return slices.IndexFunc(s.webhooks, func(h foxtrot.Webhook) bool { return string(h.ID) == id })
}

// Push is one attempt to deliver an event to a web hook.
type Push struct {
	Webhook foxtrot.WebhookID
	Event   foxtrot.WebhookEventType
	Body    []byte
	Status  int   // of the receiver's answer; 0 when there was none
	Err     error // nil when there was an answer
}

// Delivered reports whether the receiver accepted it: 200 alone counts (vendor page).
func (p Push) Delivered() bool { return p.Status == http.StatusOK }

// disableAfter is how long a web hook may fail before it is switched off (vendor page:
// more than a day).
const disableAfter = 24 * time.Hour

// pending is an event that a web hook has not accepted yet.
type pending struct {
	hook  foxtrot.WebhookID
	event event
}

// event is the body of a web hook. Its members are documented for one event only; the
// others follow it.
type event struct {
	Type       foxtrot.WebhookEventType `json:"event"`
	Millis     int64                    `json:"hook_timestamp_millis"`
	DC         foxtrot.DCID             `json:"dc_id"`
	RouteID    foxtrot.RouteID          `json:"route_id,omitempty"`
	WaypointID foxtrot.WaypointID       `json:"waypoint_id,omitempty"`
	CustomerID foxtrot.CustomerID       `json:"customer_id,omitempty"`
}

// DeliverWebhooks posts the events since the last call to every enabled web hook that
// asked for them, one after the other, and again the events that were not answered 200. It
// returns the attempts. A web hook that fails for longer than a day of the server's clock
// is switched off, and its events are dropped. Nothing is sent otherwise.
func (s *Server) DeliverWebhooks(ctx context.Context) []Push {
	s.mu.Lock()
	s.collect()
	queue := s.pending
	s.pending = nil
	s.mu.Unlock()
	var tried []Push
	for _, p := range queue {
		url, ok := s.target(p.hook)
		if !ok {
			continue
		}
		push := post(ctx, url, p)
		tried = append(tried, push)
		s.mu.Lock()
		s.account(p, push)
		s.mu.Unlock()
	}
	return tried
}

// target returns the address of a web hook; false when it is deleted or switched off.
func (s *Server) target(id foxtrot.WebhookID) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.hookIndex(string(id))
	if i < 0 || !*s.webhooks[i].Enabled {
		return "", false
	}
	return s.webhooks[i].URL, true
}

// account keeps an event that was not accepted, and switches off a web hook that failed
// for too long.
func (s *Server) account(p pending, push Push) {
	now := s.now()
	if push.Delivered() {
		delete(s.failing, p.hook)
		return
	}
	since, ok := s.failing[p.hook]
	if !ok {
		s.failing[p.hook] = now
	}
	if i := s.hookIndex(string(p.hook)); i >= 0 && ok && now.Sub(since) > disableAfter {
		s.webhooks[i].Enabled = new(false)
		delete(s.failing, p.hook)
		s.pending = slices.DeleteFunc(s.pending, func(q pending) bool { return q.hook == p.hook })
		return
	}
	s.pending = append(s.pending, p)
}

func post(ctx context.Context, url string, p pending) Push {
	body, _ := json.Marshal(p.event)
	push := Push{Webhook: p.hook, Event: p.event.Type, Body: body}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		push.Err = err
		return push
	}
	r.Header.Set("Content-Type", jsonType)
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(r)
	if err != nil {
		push.Err = err
		return push
	}
	_ = resp.Body.Close()
	push.Status = resp.StatusCode
	return push
}

// happened notes an event that does not follow from the clock. The caller holds s.mu.
func (s *Server) happened(e event) {
	e.Millis = s.now().UnixMilli()
	s.events = append(s.events, e)
}

// collect queues the events since its last call for the web hooks. The caller holds s.mu.
func (s *Server) collect() {
	from, now := s.collected, s.now()
	s.collected = now
	events := s.events
	s.events = nil
	within := func(at time.Time) bool { return at.After(from) && !at.After(now) }
	for id, d := range s.dcs {
		for _, route := range d.routes {
			if within(route.Start) {
				events = append(events, event{Type: foxtrot.WebhookEventRouteStarted, Millis: route.Start.UnixMilli(), DC: id, RouteID: route.ID})
			}
			for i, stop := range route.Stops {
				if at := route.completed(i); within(at) && stop.Customer != "" {
					events = append(events, event{foxtrot.WebhookEventWaypointStatusChanged, at.UnixMilli(), id, route.ID, stop.ID, stop.Customer})
				}
			}
		}
	}
	slices.SortStableFunc(events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.Millis, b.Millis), cmp.Compare(a.RouteID, b.RouteID), cmp.Compare(a.WaypointID, b.WaypointID))
	})
	for _, e := range events {
		for _, h := range s.webhooks {
			if *h.Enabled && slices.Contains(h.Events, e.Type) && slices.Contains(h.DCs, e.DC) {
				s.pending = append(s.pending, pending{h.ID, e})
			}
		}
	}
}
