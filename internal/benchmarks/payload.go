package main

import (
	"encoding/json"
	"slices"
	"time"
)

// booking is what every client decodes: the same bytes into the same type, so that
// nothing differs but the way there.
type booking struct {
	ID         int64     `json:"id"`
	Reference  string    `json:"reference"`
	Status     string    `json:"status"`
	Tower      string    `json:"tower_id"`
	Locker     int       `json:"locker_id"`
	Size       size      `json:"type"`
	Site       site      `json:"location"`
	ClientInfo string    `json:"client_info"`
	Duration   int       `json:"duration"`
	From       time.Time `json:"starts_at"`
	Until      time.Time `json:"expires_at"`
	Tags       []string  `json:"tags"`
	Note       *string   `json:"note"`
}

type size struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Width  int    `json:"width_mm"`
	Height int    `json:"height_mm"`
	Depth  int    `json:"depth_mm"`
}

type site struct {
	ID      int64   `json:"id"`
	Name    string  `json:"name"`
	Address string  `json:"address"`
	Lat     float64 `json:"lat"`
	Lng     float64 `json:"lng"`
}

// list is an object, not an array: hcloud-go looks for paging in every answer.
type list struct {
	Bookings []booking `json:"bookings"`
}

const pageSize = 100

var (
	onePayload  = mustJSON(answered())
	pagePayload = mustJSON(map[string]any{"bookings": slices.Repeat([]any{answered()}, pageSize)})
)

// answered is a booking as a server sends it that knows a field more than the client.
func answered() any {
	from := time.Date(2026, time.March, 9, 10, 15, 30, 123456000, time.UTC)
	return struct {
		booking
		Extra map[string]any `json:"sensors"`
	}{
		booking{
			ID: 730144, Reference: "BKG-2026-004417", Status: "reserved",
			Tower: "0100000000000175", Locker: 959,
			Size:       size{ID: 2, Name: "medium", Width: 420, Height: 310, Depth: 580},
			Site:       site{ID: 64, Name: "Harbour Yard", Address: "8 Pier Road, Unit 3, Long Beach, CA 90802", Lat: 34.0522, Lng: -118.2437},
			ClientInfo: "warehouse-7/order-20260309-118204/parcel-1-of-2/priority/leave-with-desk-2",
			Duration:   86400, From: from, Until: from.AddDate(0, 0, 1),
			Tags: []string{"parcel", "fragile", "home"},
		},
		map[string]any{"door": "closed", "load": []int{0, 12, 7}},
	}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // of values above
	}
	return b
}
