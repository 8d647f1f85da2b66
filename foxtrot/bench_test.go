package foxtrot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/foxtrot"
)

// BenchmarkWaypoints compares one call for ten waypoints, all tolerance and safety on,
// with bare net/http and plain structs that understand one form alone.
func BenchmarkWaypoints(b *testing.B) {
	one := `{"id":"w1","customer_id":"c1","status":"PENDING","completed_timestamp":null,"estimated_time_of_arrival":1760000000000,"waypoints_ahead":4,"waiting_time_seconds":600,"route_id":"r1"}`
	body := `{"status":"success","data":{"waypoints":[` + strings.Repeat(one+",", 9) + one + `]}}`
	type plain struct {
		ID         string `json:"id"`
		CustomerID string `json:"customer_id"`
		RouteID    string `json:"route_id"`
		Status     string `json:"status"`
		Completed  *int64 `json:"completed_timestamp"`
		ETA        *int64 `json:"estimated_time_of_arrival"`
		Ahead      *int   `json:"waypoints_ahead"`
		Waiting    *int   `json:"waiting_time_seconds"`
	}
	b.Run("bare", func(b *testing.B) {
		hc := &http.Client{Transport: answer(200, body)}
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://api.example/dcs/dc/customers/c1/waypoints", nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer x")
			resp, err := hc.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			raw, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			var out struct {
				Data struct {
					Waypoints []plain `json:"waypoints"`
				} `json:"data"`
			}
			if err != nil || json.Unmarshal(raw, &out) != nil || len(out.Data.Waypoints) != 10 {
				b.Fatal("unreadable")
			}
		}
	})
	b.Run("client", func(b *testing.B) {
		c := over(b, answer(200, body))
		b.ReportAllocs()
		for b.Loop() {
			if got, err := c.Customers.Waypoints(b.Context(), "dc", "c1"); err != nil || len(got) != 10 {
				b.Fatal(err)
			}
		}
	})
	b.Run("customer", func(b *testing.B) {
		c := over(b, answer(200, `{"status":"success","data":{"customer":{"id":"c1","name":"Shop","imported_address":"Street 1","imported_location":{"latitude":4.6,"longitude":-74.1},"inferred_location":null}}}`))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Customers.Get(b.Context(), "dc", foxtrot.CustomerID("c1")); err != nil {
				b.Fatal(err)
			}
		}
	})
}
