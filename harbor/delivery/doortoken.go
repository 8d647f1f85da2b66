package delivery

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/internal/redact"
)

// DoorToken is what is kept of a drop-off or pick-up token.
type DoorToken struct {
	// AskedAt is when the token was asked for: it may exist from then on.
	AskedAt time.Time `json:"askedAt"`
	// ExpiresAt is the end of its life: as Harbor said, or as was asked for. Of several
	// tokens it is the latest.
	ExpiresAt time.Time `json:"expiresAt"`
	// Payload and PayloadAuth open the door; empty unless the manager was told to keep
	// them, see WithPayloads. No verb of fmt and no logger prints them; JSON does.
	Payload     string `json:"payload,omitempty"`
	PayloadAuth string `json:"payloadAuth,omitempty"`
}

// String is the token without what opens the door.
func (t DoorToken) String() string {
	return fmt.Sprintf("delivery.DoorToken{AskedAt:%s, ExpiresAt:%s}", t.AskedAt.Format(time.RFC3339), t.ExpiresAt.Format(time.RFC3339))
}

// Format writes the token without what opens the door, whatever the verb.
func (t DoorToken) Format(s fmt.State, verb rune) { redact.Format(s, verb, t.String()) }

// LogValue is the token without what opens the door.
func (t DoorToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// asked notes that a token may exist from now on.
func asked(t *DoorToken, now time.Time, life time.Duration) *DoorToken {
	until := now.Add(life)
	if t == nil {
		return &DoorToken{AskedAt: now, ExpiresAt: until}
	}
	n := *t
	n.AskedAt, n.ExpiresAt = now, later(t.ExpiresAt, until)
	return &n
}

// got notes a token that came.
func (t *DoorToken) got(h *harbor.LockerToken, keep bool) {
	t.ExpiresAt = later(t.ExpiresAt, h.ExpiresAt.UTC())
	t.Payload, t.PayloadAuth = "", ""
	if keep {
		t.Payload, t.PayloadAuth = h.Payload, h.PayloadAuth
	}
}
