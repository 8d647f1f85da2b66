package harbor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// canned answers every API request with one body, and the token endpoint with a token.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte(c)
	if r.Method == http.MethodPost {
		body = []byte(`{"access_token":"t","expires_in":300,"token_type":"Bearer"}`)
	}
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}, nil
}

func cannedClient(b testing.TB, body []byte) *harbor.Client {
	c, err := harbor.NewClient(harbor.Sandbox, harbor.Credentials{ClientID: "a", ClientSecret: "b"},
		lockerline.WithHTTPClient(&http.Client{Transport: canned(body)}))
	require.NoError(b, err)
	b.Cleanup(func() { _ = c.Close() })
	return c
}

func repeated(element string, n int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, element, i+1)
	}
	b.WriteByte(']')
	return b.Bytes()
}

const (
	benchLocker = `{"id":%d,"name":"14","isLowLocker":false,"towerId":"0100000000000014","status":{"name":"available","id":1},` +
		`"type":{"name":"small","description":null,"id":1},"accessMode":"public"}`
	benchLocation = `{"id":%d,"name":"Grand Park Garage ","lat":34.0561,"lon":-118.2468,"description":null,` +
		`"address1":"100 Example Avenue","address2":null,"city":"Los Angeles","state":"California","zip":"90012",` +
		`"country":"United States","notes":"Beside the parking pay station","accessHours":{"monday":[],"tuesday":[],"wednesday":[],` +
		`"thursday":[],"friday":[],"saturday":[],"sunday":[]},"timezone":"America/Los_Angeles"}`
)

// The same without the SDK: what encoding/json makes of the documented shape.
type (
	plainType struct {
		ID          int64
		Name        string
		Description *string
	}
	plainStatus struct {
		ID   int64
		Name string
	}
	plainLocker struct {
		ID          int64
		Name        string
		IsLowLocker bool
		TowerID     string
		Status      plainStatus
		Type        plainType
		AccessMode  string
	}
	plainLocation struct {
		ID                        int64
		Name                      string
		Lat, Lon                  *float64
		Description               *string
		Address1                  string
		Address2                  *string
		City, State, Zip, Country string
		Notes                     *string
		AccessHours               *harbor.AccessHours
		Timezone                  *string
	}
)

func benchJSON[T any](b *testing.B, body []byte) {
	b.Run("json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var out []T
			if json.Unmarshal(body, &out) != nil || len(out) != 100 {
				b.Fatal("not decoded")
			}
		}
	})
}

// BenchmarkLockersList is a page of 100 lockers through the client, beside the same
// bytes through encoding/json alone.
func BenchmarkLockersList(b *testing.B) {
	body := repeated(benchLocker, 100)
	benchJSON[plainLocker](b, body)
	c := cannedClient(b, body)
	b.Run("client", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if out, err := c.Lockers.Assigned(b.Context()); err != nil || len(out) != 100 {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLocationsList is the same for 100 locations.
func BenchmarkLocationsList(b *testing.B) {
	body := repeated(benchLocation, 100)
	benchJSON[plainLocation](b, body)
	c := cannedClient(b, body)
	b.Run("client", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if out, err := c.Locations.List(b.Context(), harbor.Page{}); err != nil || len(out) != 100 {
				b.Fatal(err)
			}
		}
	})
}
