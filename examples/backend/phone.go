package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// phone plays your app on the phones of a driver and a customer. It asks this backend for
// everything by the same endpoints as the app, and stands before a simulated tower.
type phone struct {
	base   string // of this backend
	token  func() string
	client *http.Client
	tower  *harbortest.Server
	look   func(context.Context) // shows on the page what just happened
	open   time.Duration         // for how long a door stands open
}

// step is a request that the phone made, for the page.
type step struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
}

// trip is what the phone did in one go.
type trip struct {
	phone    *phone
	Steps    []step `json:"steps"`
	Delivery view   `json:"delivery"`
}

// sizes are Harbor's, from small to large.
var sizes = []string{"small", "medium", "large", "x-large"}

// start asks for a locker of the size, or a larger one.
func (p *phone) start(ctx context.Context, reference, size string) (*trip, error) {
	i := slices.Index(sizes, size)
	if i < 0 {
		return nil, invalid("there is no such size")
	}
	t := &trip{phone: p}
	return t, t.ask(ctx, "POST", "/v1/deliveries", map[string]any{
		"reference": reference,
		"area":      harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}},
		"types":     sizes[i:],
	}, &t.Delivery)
}

func (p *phone) cancel(ctx context.Context, reference string) (*trip, error) {
	t := &trip{phone: p}
	return t, t.ask(ctx, "POST", pathOf(reference, "/cancel"), nil, &t.Delivery)
}

// doors says which endpoint opens a door for whom, and what is waited for afterwards.
var doors = map[string]delivery.Phase{"dropoff": delivery.PhaseStored, "pickup": delivery.PhaseCollected}

// use goes to the tower, opens the door and shuts it again.
func (p *phone) use(ctx context.Context, reference, what string) (*trip, error) {
	t := &trip{phone: p}
	var tower struct {
		AccessToken string `json:"access_token"`
	}
	if err := t.ask(ctx, "GET", "/v1/tower-token", nil, &tower); err != nil {
		return t, err
	}
	var door struct {
		Tower       harbor.TowerID `json:"tower"`
		Payload     string         `json:"payload"`
		PayloadAuth string         `json:"payload_auth"`
	}
	if err := t.ask(ctx, "POST", pathOf(reference, "/"+what), map[string]int{"seconds": 300}, &door); err != nil {
		return t, err
	}
	p.look(ctx)
	device := p.tower.Phone(tower.AccessToken)
	if err := device.Connect(door.Tower); err != nil {
		return t, err
	}
	defer device.Disconnect()
	if _, err := device.Use(door.Payload, door.PayloadAuth); err != nil {
		return t, err
	}
	p.look(ctx)
	wait(ctx, p.open)
	if err := device.CloseDoor(); err != nil {
		return t, err
	}
	p.look(ctx)
	return t, t.until(ctx, reference, doors[what])
}

// until asks for the delivery until the backend has heard what became of it.
func (t *trip) until(ctx context.Context, reference string, phase delivery.Phase) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	before := slices.Clone(t.Steps)
	for {
		t.Steps = slices.Clone(before) // only the last answer is of interest
		if err := t.ask(ctx, "GET", pathOf(reference, ""), nil, &t.Delivery); err != nil {
			return err
		}
		if t.Delivery.Phase == phase {
			return nil
		}
		if !wait(ctx, 30*time.Millisecond) {
			return errors.New("the backend has not heard of it yet")
		}
	}
}

// ask makes a request of the app. What the backend refuses is an *apiError.
func (t *trip) ask(ctx context.Context, method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, t.phone.base+path, &body)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+t.phone.token())
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := t.phone.client.Do(r)
	if err != nil {
		return errors.New("the phone cannot reach the backend")
	}
	defer answer.Body.Close()
	t.Steps = append(t.Steps, step{method, path, answer.StatusCode})
	if answer.StatusCode >= 300 {
		var problem struct {
			Error struct{ Code, Message string }
		}
		if err := json.NewDecoder(answer.Body).Decode(&problem); err != nil {
			return errors.New("the phone does not understand the backend")
		}
		return &apiError{answer.StatusCode, problem.Error.Code, problem.Error.Message}
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

func pathOf(reference, rest string) string {
	return "/v1/deliveries/" + url.PathEscape(reference) + rest
}

// wait reports whether the time went by before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
