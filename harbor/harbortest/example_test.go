package harbortest_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

func ExampleNewServer() {
	srv := harbortest.NewServer()
	defer srv.Close()
	srv.Fail("lockers.reserve", harbortest.HTMLError(http.StatusBadGateway))

	address := srv.URL + "/api/v1/towers/0100000000000175/lockers/950/reservations"
	for range 2 {
		req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(`{"duration":300}`))
		if err != nil {
			fmt.Println(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+srv.AccessToken("", harbor.ScopeServiceProvider))
		res, err := srv.HTTPClient().Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		res.Body.Close()
		locker, _ := srv.Locker(harbor.LockerRef{Tower: "0100000000000175", Locker: 950})
		fmt.Println(res.StatusCode, locker.Status)
	}
	// Output:
	// 502 available
	// 200 reserved
}
