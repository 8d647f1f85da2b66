package harbortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// Phone plays Harbor's mobile SDK at a tower. It is the only connection between the tower
// and Harbor, and syncs them when it connects, when a door is closed, and on Sync. It is
// safe for concurrent use and does one thing at a time.
type Phone struct {
	srv   *Server
	token string

	mu       sync.Mutex
	offline  bool
	sessions map[harbor.TowerID]sessionJSON
	tower    *tower
	door     uint32 // the last opened in this session
}

// Phone returns a phone that holds an access token with the scope tower_access.
func (s *Server) Phone(towerToken string) *Phone {
	return &Phone{srv: s, token: towerToken, sessions: map[harbor.TowerID]sessionJSON{}}
}

// SetOnline gives the phone its connection to Harbor or takes it away. Without it the phone
// can still connect to a tower with an earlier session, and open doors; Harbor learns of
// that when any phone that is online connects.
func (p *Phone) SetOnline(online bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offline = !online
}

// Connect opens a session with a tower and syncs. The tower's id may be in either case,
// as towers report themselves in upper case. A refused session is ErrSession; after any
// other error the session is open, but was not synced.
func (p *Phone) Connect(id harbor.TowerID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tower, p.door = nil, 0
	id = id.Normalize()
	s := p.srv
	if !p.offline {
		var session sessionJSON
		ask := map[string]any{"duration": sessionLife.Seconds(), "claims": []string{"sync_packet"}, "version": "simulated"}
		if err := p.call(http.MethodPost, "/towers/"+string(id)+"/session-token", ask, &session); err != nil {
			return fmt.Errorf("%w: %w", ErrSession, err)
		}
		p.sessions[id] = session
	}
	session := p.sessions[id]
	s.mu.Lock()
	t := s.towers[id]
	var err error
	if t == nil {
		err = errors.New("there is no such tower")
	} else {
		_, err = t.device.read(session.Payload, session.PayloadAuth, s.clock.Now())
	}
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSession, err)
	}
	p.tower = t
	return p.sync()
}

// Use shows a locker token to the tower, which opens the door, and returns the locker.
// Harbor does not know yet: see CloseDoor and Sync. Errors are those of the tower, such as
// ErrExpired or ErrUsed.
func (p *Phone) Use(payload, payloadAuth string) (harbor.LockerID, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tower == nil {
		return 0, ErrNotConnected
	}
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	id, err := p.tower.device.use(payload, payloadAuth, p.srv.clock.Now())
	if err != nil {
		return 0, err
	}
	p.door = id
	return harbor.LockerID(id), nil
}

// Reopen opens the last door of this session again.
func (p *Phone) Reopen() error { return p.swing(true) }

// CloseDoor shuts the last door opened in this session and syncs, when the phone is
// online.
func (p *Phone) CloseDoor() error {
	if err := p.swing(false); err != nil {
		return err
	}
	return p.Sync()
}

func (p *Phone) swing(open bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tower == nil {
		return ErrNotConnected
	}
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	d := p.tower.device.doors[p.door]
	if d == nil {
		return ErrNoDoor
	}
	d.open = open
	return nil
}

// Sync carries the events of the tower to Harbor, and the commands of Harbor to the tower.
// Offline it does nothing.
func (p *Phone) Sync() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tower == nil {
		return ErrNotConnected
	}
	return p.sync()
}

// Disconnect ends the session with the tower.
func (p *Phone) Disconnect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tower, p.door = nil, 0
}

// sync sends events first: they happened before the commands arrived.
func (p *Phone) sync() error {
	if p.offline {
		return nil
	}
	if err := p.sendEvents(); err != nil {
		return err
	}
	var packets []commandsJSON
	if err := p.call(http.MethodGet, "/towers/"+string(p.tower.id)+"/commands", nil, &packets); err != nil {
		return err
	}
	if err := p.carryCommands(packets); err != nil {
		return err
	}
	return p.sendEvents()
}

func (p *Phone) sendEvents() error {
	s, t := p.srv, p.tower
	s.mu.Lock()
	if len(t.device.events) == 0 {
		s.mu.Unlock()
		return nil
	}
	payload, auth := sealHex(t.key, encodeAll(kindEvents, t.device.events))
	packet := eventsJSON{t.device.events[0].Seq, len(t.device.events), payload, auth}
	last := t.device.lastSeq
	s.mu.Unlock()
	if err := p.call(http.MethodPost, "/towers/"+string(t.id)+"/events", []eventsJSON{packet}, nil); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.device.acknowledge(last)
	return nil
}

func (p *Phone) carryCommands(packets []commandsJSON) error {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	d := p.tower.device
	var all []command
	for _, packet := range packets {
		raw, err := unsealHex(d.key, packet.Payload, packet.PayloadAuth)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrForged, err)
		}
		cs, err := decodeAll[command](kindCommands, raw)
		if err != nil {
			return err
		}
		all = append(all, cs...)
	}
	d.execute(all)
	return nil
}

// call makes a request of the mobile SDK, in this process.
func (p *Phone) call(method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	req := httptest.NewRequest(method, sdkPath+path, &body)
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := lockerlinetest.InProcess(p.srv).RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("harbortest: Harbor answered the phone %d", res.StatusCode)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}
