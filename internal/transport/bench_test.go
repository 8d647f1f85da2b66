package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go"
)

// locker is an object of about 600 bytes, decoded alike by every contestant.
type locker struct {
	ID           int64     `json:"id"`
	Reference    string    `json:"reference"`
	Status       string    `json:"status"`
	TowerID      string    `json:"tower_id"`
	LockerNumber int       `json:"locker_number"`
	Type         kind      `json:"locker_type"`
	Location     place     `json:"location"`
	ClientInfo   string    `json:"client_info"`
	DurationSecs int       `json:"duration_secs"`
	CreatedAt    time.Time `json:"created_at"`
	ExpiresAt    time.Time `json:"expires_at"`
	Tags         []string  `json:"tags"`
	Notes        *string   `json:"notes"`
}

type kind struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	WidthCM  int    `json:"width_cm"`
	HeightCM int    `json:"height_cm"`
	DepthCM  int    `json:"depth_cm"`
}

type place struct {
	ID      int64   `json:"id"`
	Name    string  `json:"name"`
	Address string  `json:"address"`
	Lat     float64 `json:"lat"`
	Lon     float64 `json:"lon"`
}

var oneLocker = []byte(`{"id":48213,"reference":"RES-2025-000118","status":"reserved",` +
	`"tower_id":"0000000000000A1F","locker_number":17,` +
	`"locker_type":{"id":3,"name":"medium","width_cm":40,"height_cm":35,"depth_cm":60},` +
	`"location":{"id":91,"name":"Riverside Depot","address":"12 Quay Street","lat":51.5033,"lon":-0.1196},` +
	`"client_info":"partner-44/order-7781","duration_secs":86400,` +
	`"created_at":"2025-11-20T10:15:30.123456Z","expires_at":"2025-11-21T10:15:30.123456Z",` +
	`"tags":["parcel","b2c","chilled"],"notes":null,"some_new_field":{"a":1,"b":[1,2,3]}}`)

var pageOfLockers = append(append([]byte("["), bytes.Repeat(append(bytes.Clone(oneLocker), ','), 99)...), append(bytes.Clone(oneLocker), ']')...)

// canned answers without a network: what is left is the client's own work.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		Status: "200 OK", StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"req-1"}},
		Body:          io.NopCloser(bytes.NewReader(c)),
		ContentLength: int64(len(c)), Request: r,
	}, nil
}

// staticKey is an Authorizer with one credential.
type staticKey struct{ c *Credential }

func (s staticKey) Credential(context.Context, string) (*Credential, error) { return s.c, nil }
func (s staticKey) Reject(string, *Credential) bool                         { return false }

func cannedClient(tb testing.TB, answer []byte) *Client {
	tb.Helper()
	return newTestClient(tb, "https://api.example", canned(answer), nil)
}

var opBench = &lockerline.Operation{Name: "bench.get", Method: "GET", Path: "/v1/lockers/{locker}", Idempotent: true}

func bareGet(hc *http.Client, url string, out any) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer x")
	req.Header.Set("Accept", "application/json")
	resp, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, out)
}

// BenchmarkGetOne compares one GET of a 600-byte object through the whole pipeline, all
// safety on, with decoding alone and with bare net/http.
func BenchmarkGetOne(b *testing.B) {
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(oneLocker, new(locker)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		hc := &http.Client{Transport: canned(oneLocker)}
		b.ReportAllocs()
		for b.Loop() {
			if err := bareGet(hc, "https://api.example/v1/lockers/1", new(locker)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pipeline", func(b *testing.B) {
		c := cannedClient(b, oneLocker)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Do(b.Context(), Call{Op: opBench, Args: []string{"1"}, Out: new(locker)}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkGetPage is the same for a list of 100 objects.
func BenchmarkGetPage(b *testing.B) {
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(pageOfLockers, new([]locker)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		hc := &http.Client{Transport: canned(pageOfLockers)}
		b.ReportAllocs()
		for b.Loop() {
			if err := bareGet(hc, "https://api.example/v1/lockers/1", new([]locker)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pipeline", func(b *testing.B) {
		c := cannedClient(b, pageOfLockers)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Do(b.Context(), Call{Op: opBench, Args: []string{"1"}, Out: new([]locker)}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
