package harbortest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Webhook is one web hook that was sent.
type Webhook struct {
	Event      string // LOCKER_ASSIGNED or LOCKER_OPERATION
	Source     string // LOCKER_OPEN_LINK_CREATED, LOCKER_TOKEN_CREATED or LOCKER_TOKEN_USED
	Locker     harbor.LockerRef
	Status     string // of the locker, as sent
	StatusCode int    // of the receiver's answer; 0 when there was none
}

// The sources of web hooks on the vendor's page. Harbor sends others, which are not
// documented.
const (
	sourceLinkCreated  = "LOCKER_OPEN_LINK_CREATED"
	sourceTokenCreated = "LOCKER_TOKEN_CREATED"
	sourceTokenUsed    = "LOCKER_TOKEN_USED"
)

type hookBody struct {
	Timestamp string   `json:"timestamp"`
	Event     string   `json:"event"`
	Data      hookData `json:"data"`
}

type hookData struct {
	Timestamp     string          `json:"timestamp"`
	LockerID      harbor.LockerID `json:"locker_id"`
	LockerStatus  string          `json:"locker_status"`
	TowerID       string          `json:"tower_id"`
	Source        string          `json:"source"`
	ReservationID *int64          `json:"reservation_id"`
	TokenID       *uint32         `json:"open_locker_token_id"`
	KeypadCode    *string         `json:"keypad_code"`
	ClientInfo    *string         `json:"client_info"`
	RequestID     *int64          `json:"locker_open_request_id"`
	Payload       json.RawMessage `json:"locker_open_request_payload"`
}

func (s *Server) announceLink(k *link) {
	s.announce(k.owner, "LOCKER_ASSIGNED", s.hookData(k.locker, sourceLinkCreated, k.clientInfo, 0).of(k))
}

// announceToken sends that a token was made or used. Harbor names the link of a token only
// when it was used.
func (s *Server) announceToken(l *locker, source string, id uint32, token *doorToken, reservation int64) {
	data := s.hookData(l, source, token.clientInfo, reservation)
	data.TokenID = &id
	if source == sourceTokenUsed {
		data = data.of(s.links[token.link])
	}
	s.announce(token.owner, "LOCKER_OPERATION", data)
}

func (s *Server) hookData(l *locker, source, info string, reservation int64) hookData {
	data := hookData{
		Timestamp: s.clock.Now().Format(zoned), LockerID: l.ID, LockerStatus: s.quirks.statusName(l.status),
		TowerID: s.quirks.towerID(l.tower.id), Source: source,
	}
	if info != "" {
		data.ClientInfo = &info
	}
	if reservation != 0 {
		data.ReservationID = &reservation
	}
	return data
}

// of adds the link, when there is one.
func (d hookData) of(k *link) hookData {
	if k == nil {
		return d
	}
	d.RequestID, d.Payload = &k.id, k.payload
	return d
}

// announce sends a web hook. The time of the envelope is three hours behind and has no
// zone, as on the vendor's page.
func (s *Server) announce(owner, event string, data hookData) {
	if s.hooks == nil || owner != s.Credentials().ClientID {
		return
	}
	body, err := json.Marshal(hookBody{s.clock.Now().Add(-3 * time.Hour).Format(zoneless), event, data})
	if err != nil {
		panic("harbortest: a web hook is not JSON: " + err.Error()) // of our own types
	}
	ref := harbor.LockerRef{Tower: harbor.TowerID(data.TowerID).Normalize(), Locker: data.LockerID}
	s.hooks.add(hook{body, Webhook{Event: event, Source: data.Source, Locker: ref, Status: data.LockerStatus}})
}

type hook struct {
	body []byte
	sent Webhook
}

// webhooks sends one after the other.
type webhooks struct {
	url    string
	header http.Header
	client *http.Client
	ctx    context.Context // until stop
	cancel context.CancelFunc

	mu   sync.Mutex
	last chan struct{} // closed when all so far were sent
	sent []Webhook
}

const webhookTimeout = 10 * time.Second

func startWebhooks(url string, header http.Header) *webhooks {
	h := &webhooks{
		url: url, header: header, last: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{}, Timeout: webhookTimeout},
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	close(h.last)
	return h
}

// add sends a web hook when those before it were sent.
func (h *webhooks) add(k hook) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, done := h.last, make(chan struct{})
	h.last = done
	go func() {
		defer close(done)
		<-before
		k.sent.StatusCode = h.post(k.body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.sent = append(h.sent, k.sent)
	}()
}

// wait returns when all so far were sent.
func (h *webhooks) wait() {
	h.mu.Lock()
	last := h.last
	h.mu.Unlock()
	<-last
}

func (h *webhooks) post(body []byte) int {
	req, err := http.NewRequestWithContext(h.ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	for name, values := range h.header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := h.client.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20)) // keeps the connection
	return res.StatusCode
}

// stop drops what was not sent.
func (h *webhooks) stop() {
	h.cancel()
	h.wait()
	h.client.CloseIdleConnections()
}

// Webhooks waits until all web hooks are sent, and returns them in order. It is empty
// without WithWebhookURL.
func (s *Server) Webhooks() []Webhook {
	if s.hooks == nil {
		return nil
	}
	s.hooks.wait()
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return slices.Clone(s.hooks.sent)
}
