package foxtrot

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// WebhooksService manages where Foxtrot pushes events to. Web hooks belong to the
// organisation, not to a DC.
type WebhooksService struct{ c *Client }

func webhookArgs(id WebhookID) []arg { return []arg{{"webhook", string(id)}} }

// List returns every web hook. Safe to repeat.
func (s *WebhooksService) List(ctx context.Context, opts ...CallOption) ([]Webhook, error) {
	return list[Webhook](ctx, s.c, opWebhooksList, "webhooks", absentNull, nil, opts)
}

// WebhookSpec is a web hook to create. All members are needed.
type WebhookSpec struct {
	// URL is the whole http or https address to push to. Nothing that Foxtrot sends is
	// signed, so make it one that cannot be guessed, and take it for a secret.
	URL    string
	Events []WebhookEventType
	DCs    []DCID
}

// Create makes a web hook, enabled. It is not safe to repeat: after a lost answer the
// client does not send it again, and the error is ErrOutcomeUnknown; look with List.
func (s *WebhooksService) Create(ctx context.Context, spec WebhookSpec, opts ...CallOption) (Webhook, error) {
	if err := argumentError(operations[opWebhooksCreate].Name, spec.faults()); err != nil {
		return Webhook{}, err
	}
	body := struct {
		WebhookURL string             `json:"webhook_url"`
		Events     []WebhookEventType `json:"events"`
		DCs        []DCID             `json:"dc_ids"`
	}{spec.URL, spec.Events, spec.DCs}
	return s.write(ctx, opWebhooksCreate, nil, body, opts)
}

func (p WebhookSpec) faults() (bad []FieldError) {
	u, err := url.Parse(p.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		bad = append(bad, FieldError{"URL", "must be a whole http or https address"})
	}
	if len(p.Events) == 0 {
		bad = append(bad, FieldError{"Events", "must name at least one event"})
	}
	for i, e := range p.Events {
		if e == "" {
			bad = append(bad, FieldError{fmt.Sprintf("Events[%d]", i), "must not be empty"})
		}
	}
	if len(p.DCs) == 0 {
		bad = append(bad, FieldError{"DCs", "must name at least one DC"})
	}
	for i, dc := range p.DCs {
		if reason := badID(string(dc)); reason != "" {
			bad = append(bad, FieldError{fmt.Sprintf("DCs[%d]", i), reason})
		}
	}
	return bad
}

// Enable switches a web hook on, as is needed after Foxtrot switched one off for failing
// longer than a day (vendor page). Safe to repeat.
func (s *WebhooksService) Enable(ctx context.Context, id WebhookID, opts ...CallOption) (Webhook, error) {
	return s.write(ctx, opWebhooksEnable, webhookArgs(id), map[string]bool{"enabled": true}, opts)
}

// Disable switches a web hook off. Anything else about one cannot be changed: delete it
// and create another (vendor page). Safe to repeat.
func (s *WebhooksService) Disable(ctx context.Context, id WebhookID, opts ...CallOption) (Webhook, error) {
	return s.write(ctx, opWebhooksDisable, webhookArgs(id), map[string]bool{"enabled": false}, opts)
}

// Delete removes a web hook. Safe to repeat: when an answer was lost and the repeat finds
// nothing, the web hook is gone and Delete succeeds. One that never existed is ErrNotFound.
func (s *WebhooksService) Delete(ctx context.Context, id WebhookID, opts ...CallOption) error {
	cs := settingsOf(opts)
	_, err := s.c.call(ctx, opWebhooksDelete, webhookArgs(id), nil, nil, &cs)
	if e, ok := errors.AsType[*Error](err); ok && e.MaybeApplied && e.Attempts > 1 && e.cause == nil && e.is(ErrNotFound) {
		return nil
	}
	return err
}

func (s *WebhooksService) write(ctx context.Context, id opID, args []arg, body any, opts []CallOption) (Webhook, error) {
	cs := settingsOf(opts)
	var out Webhook
	if _, err := s.c.call(ctx, id, args, body, &keyed[Webhook]{key: "webhook", out: &out}, &cs); err != nil {
		return Webhook{}, err
	}
	s.c.reportUnknown(ctx, id, &out)
	return out, nil
}
