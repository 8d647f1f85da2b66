package harbortest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
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
	StatusCode int    // what the receiver answered; 0 when it did not
}

// The sources of web hooks that the vendor's page shows. Harbor sends others, which no
// public page names.
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

// announceToken tells of a token that was made or used. Only when used does Harbor name
// the link it belongs to.
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

// announce queues a web hook. The time of the envelope is that of Harbor's own clock on
// the wall, three hours behind and without a zone, as on the vendor's page.
func (s *Server) announce(owner, event string, data hookData) {
	if s.hooks == nil || owner != s.Credentials().ClientID {
		return
	}
	body, err := json.Marshal(hookBody{s.clock.Now().Add(-3 * time.Hour).Format(zoneless), event, data})
	if err != nil {
		panic("harbortest: a web hook that is no JSON: " + err.Error())
	}
	ref := harbor.LockerRef{Tower: harbor.TowerID(data.TowerID).Normalize(), Locker: data.LockerID}
	s.hooks.add(hook{body, Webhook{Event: event, Source: data.Source, Locker: ref, Status: data.LockerStatus}})
}

type hook struct {
	body []byte
	sent Webhook
}

// webhooks sends one after the other, from one goroutine.
type webhooks struct {
	url    string
	header http.Header
	client *http.Client
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex
	wake  *sync.Cond // something changed below
	queue []hook
	busy  bool
	ended bool
	sent  []Webhook
}

const webhookTimeout = 10 * time.Second

func startWebhooks(url string, header http.Header) *webhooks {
	ctx, cancel := context.WithCancel(context.Background())
	h := &webhooks{
		url: url, header: header, cancel: cancel,
		client: &http.Client{Transport: &http.Transport{}, Timeout: webhookTimeout},
	}
	h.wake = sync.NewCond(&h.mu)
	h.done.Go(func() { h.run(ctx) })
	return h
}

func (h *webhooks) add(k hook) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue = append(h.queue, k)
	h.wake.Broadcast()
}

func (h *webhooks) run(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		for len(h.queue) == 0 && !h.ended {
			h.wake.Wait()
		}
		if h.ended {
			return
		}
		next := h.queue[0]
		h.queue, h.busy = h.queue[1:], true
		h.mu.Unlock()
		next.sent.StatusCode = h.post(ctx, next.body)
		h.mu.Lock()
		h.sent, h.busy = append(h.sent, next.sent), false
		h.wake.Broadcast()
	}
}

func (h *webhooks) post(ctx context.Context, body []byte) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
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

func (h *webhooks) stop() {
	h.mu.Lock()
	h.ended = true
	h.wake.Broadcast()
	h.mu.Unlock()
	h.cancel()
	h.done.Wait()
	h.client.CloseIdleConnections()
}

// Webhooks waits until all web hooks are sent, and returns them in order. It is empty
// without WithWebhookURL.
func (s *Server) Webhooks() []Webhook {
	h := s.hooks
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for (len(h.queue) > 0 || h.busy) && !h.ended {
		h.wake.Wait()
	}
	return append([]Webhook(nil), h.sent...)
}
