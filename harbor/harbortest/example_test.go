package harbortest_test

import (
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func ExampleNew() {
	srv, err := harbortest.New()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	srv.Fail("lockers.reserve", lockerlinetest.HTML(http.StatusBadGateway))

	address := srv.URL + "/api/v1/towers/0100000000000175/lockers/950/reservations"
	for range 2 {
		req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(`{"duration":300}`))
		if err != nil {
			log.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+srv.AccessToken("", harbor.ScopeServiceProvider))
		res, err := srv.HTTPClient().Do(req)
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
		locker, _ := srv.Locker(harbor.LockerRef{Tower: "0100000000000175", Locker: 950})
		fmt.Println(res.StatusCode, locker.Status)
	}
	// Output:
	// 502 available
	// 200 reserved
}
