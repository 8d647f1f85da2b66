package lockerlinetest_test

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// A simulator is a table of operations and a function that answers.
func ExampleNew() {
	srv := lockerlinetest.New(lockerlinetest.Service{
		Name:   "parceltest",
		Routes: lockerlinetest.Routes{{Name: "parcels.get", Method: http.MethodGet, Path: "/parcels/{parcel}"}},
		Serve: func(c *lockerlinetest.Call) lockerlinetest.Response {
			return lockerlinetest.Response{Status: http.StatusOK, Body: []byte("parcel " + c.Args["parcel"])}
		},
		ErrorForm: func(status int) lockerlinetest.Response {
			return lockerlinetest.Response{Status: status, Body: []byte("error")}
		},
	})
	defer srv.Close()

	srv.Fail("parcels.get", lockerlinetest.RateLimited(0), lockerlinetest.Truncated())
	for range 3 {
		resp, err := srv.HTTPClient().Get(srv.URL + "/parcels/7")
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		fmt.Println(resp.StatusCode, string(body))
	}
	for _, r := range srv.Requests("parcels.get") {
		fmt.Println(r.Method, r.Template, r.Status, r.Fault)
	}
	// Output:
	// 429 error
	// 200 parc
	// 200 parcel 7
	// GET /parcels/{parcel} 429 answered 429
	// GET /parcels/{parcel} 200 truncated
	// GET /parcels/{parcel} 200
}
