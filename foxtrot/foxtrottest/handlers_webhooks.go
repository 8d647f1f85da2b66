package foxtrottest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

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
	if !decodeBody(r.body, &in) || len(in.Events) == 0 || len(in.DCs) == 0 {
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
	s.collect() // what happened before is none of the new one's business
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
	i := s.hookIndex(r.args[0])
	switch {
	case i < 0:
		return fail(http.StatusNotFound, 0, "webhook does not exist")
	case !decodeBody(r.body, &in) || in.Enabled == nil:
		return fail(http.StatusBadRequest, foxtrot.CodeBadParameters, "bad parameters")
	}
	s.collect()
	s.webhooks[i].Enabled = in.Enabled
	return ok("webhook", s.webhooks[i])
}

// deleteWebhook answers without data.
func deleteWebhook(s *Server, r request) reply {
	i := s.hookIndex(r.args[0])
	if i < 0 {
		return fail(http.StatusNotFound, 0, "webhook does not exist")
	}
	s.webhooks = slices.Delete(s.webhooks, i, i+1)
	return reply{status: http.StatusOK, data: map[string]any{}}
}

func (s *Server) hookIndex(id string) int {
	return slices.IndexFunc(s.webhooks, func(h foxtrot.Webhook) bool { return string(h.ID) == id })
}
