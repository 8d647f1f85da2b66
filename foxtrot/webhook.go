package foxtrot

import (
	"encoding/json"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Webhook is where Foxtrot pushes events to.
type Webhook struct {
	ID      WebhookID          `json:"id"`
	URL     string             `json:"url"`     // both spellings are read: "url" and "webhook_url"
	Enabled *bool              `json:"enabled"` // nil when not said
	DCs     []DCID             `json:"dc_ids"`
	Events  []WebhookEventType `json:"events"`
}

// UnmarshalJSON reads the wire's form.
func (h *Webhook) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID         wire.Text   `json:"id"`
		URL        wire.Text   `json:"url"`
		WebhookURL wire.Text   `json:"webhook_url"`
		Enabled    *bool       `json:"enabled"`
		DCs        []wire.Text `json:"dc_ids"`
		Events     []wire.Text `json:"events"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	if w.URL.Value == "" {
		w.URL = w.WebhookURL
	}
	*h = Webhook{ID: WebhookID(w.ID.Value), URL: w.URL.Value, Enabled: w.Enabled}
	for _, dc := range w.DCs {
		h.DCs = append(h.DCs, DCID(dc.Value))
	}
	for _, e := range w.Events {
		h.Events = append(h.Events, WebhookEventType(e.Value))
	}
	return nil
}

func (h *Webhook) incomplete() string {
	if h.ID == "" {
		return "an id"
	}
	return ""
}

func (h Webhook) unknown(report func(field, value string)) {
	for _, e := range h.Events {
		if !e.Known() {
			report("webhook.events", string(e))
		}
	}
}
