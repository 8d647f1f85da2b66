package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestSimulator_DeliversByPlainHTTP(t *testing.T) {
	t.Parallel()
	c := begin(t)
	api := c.token(t, "service_provider")
	require.Equal(t, http.StatusOK, c.post(t, freePath+"/reservations", api, `{"duration":300}`).code)
	assert.Equal(t, "reserved", c.status(t))
	drop := c.doorToken(t, "dropoff", api)
	assert.Equal(t, "rented", c.status(t))

	tower := c.token(t, "tower_access")
	a := c.post(t, "/_sim/phone/connect", "", `{"tower":"`+freeTower+`","access_token":"`+tower+`"}`)
	require.Equal(t, http.StatusOK, a.code, a.body)
	a = c.post(t, "/_sim/phone/use", "", drop)
	require.Equal(t, http.StatusOK, a.code, a.body)
	assert.JSONEq(t, `{"tower":"0100000000000175","locker":948,"name":"1","status":"occupied"}`, a.body)
	assert.Equal(t, "occupied", c.status(t))
	a = c.post(t, "/_sim/phone/use", "", drop)
	assert.Equal(t, http.StatusConflict, a.code)
	assert.JSONEq(t, `{"detail":"the locker token was used before"}`, a.body)

	a = c.post(t, "/_sim/phone/use", "", c.doorToken(t, "pickup", api))
	require.Equal(t, http.StatusOK, a.code, a.body)
	assert.Equal(t, "available", c.status(t))
	assert.Equal(t, "[]", c.get(t, "/api/v1/users/me/assigned-lockers", api).body)

	// The wall has seen every step.
	a = c.get(t, "/_wall/doors/"+freeTower+"/948", "")
	var seen struct {
		History []struct {
			Kind harbor.ObservationKind `json:"kind"`
			To   harbor.LockerStatus    `json:"to"`
		} `json:"history"`
	}
	a.into(t, &seen)
	require.Len(t, seen.History, 5, a.body)
	for i, want := range []harbor.LockerStatus{"available", "occupied", "rented", "reserved", "available"} {
		assert.Equal(t, want, seen.History[i].To)
	}
	assert.NoError(t, c.end(t))
	assert.Empty(t, c.stderr.String())
}

// The SDK's own example delivers through the program as it would through Harbor, while
// somebody with a phone stands before the towers.
func TestSimulator_DeliversByTheSDK(t *testing.T) {
	t.Parallel()
	c := begin(t)
	program := filepath.Join(t.TempDir(), "delivery")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../examples/delivery").CombinedOutput()
	require.NoError(t, err, string(out))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-json", "-poll", "50ms")
	cmd.Env = append(os.Environ(), harbor.EnvName+"=",
		harbor.EnvAPIURL+"="+c.here.APIURL, harbor.EnvTokenURL+"="+c.here.TokenURL,
		harbor.EnvClientID+"="+c.here.ClientID, harbor.EnvClientSecret+"="+c.here.ClientSecret)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())

	api := c.token(t, "service_provider")
	var statuses []string
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var s struct {
			Step   string `json:"step"`
			Status string `json:"status"`
			Tower  string `json:"tower"`
			Locker int64  `json:"locker"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &s))
		if s.Status != "" {
			statuses = append(statuses, s.Status)
		}
		for step, kind := range map[string]string{"dropoff_door": "dropoff", "pickup_door": "pickup"} {
			if s.Step == step {
				require.Equal(t, freeTower, s.Tower)
				require.EqualValues(t, 948, s.Locker)
				require.Equal(t, http.StatusOK, c.post(t, "/_sim/phone/connect", "", `{"phone":"anna","tower":"`+s.Tower+`"}`).code)
				token := c.doorToken(t, kind, api)
				a := c.post(t, "/_sim/phone/use", "", `{"phone":"anna",`+token[1:])
				require.Equal(t, http.StatusOK, a.code, a.body)
			}
		}
	}
	require.NoError(t, cmd.Wait())
	assert.Equal(t, []string{"available", "reserved", "rented", "occupied", "available"}, statuses)
}

func TestLinks_AreFollowedAtTheirTower(t *testing.T) {
	t.Parallel()
	c := begin(t)
	api := c.token(t, "service_provider")
	a := c.post(t, "/api/v1/locker-open-requests/dropoff-locker-request", api,
		`{"locationId":329,"lockerTypeId":1,"requireLowLocker":false,"returnUrl":"https://shop.example/back","clientInfo":"order 42","payload":{}}`)
	require.Equal(t, http.StatusOK, a.code, a.body)
	var link struct {
		ID        int64  `json:"id"`
		LinkToken string `json:"linkToken"`
	}
	a.into(t, &link)
	body, err := json.Marshal(map[string]string{"link": link.LinkToken})
	require.NoError(t, err)
	a = c.post(t, "/_sim/links/open", "", string(body))
	require.Equal(t, http.StatusOK, a.code, a.body)
	assert.Contains(t, a.body, "status=success")
	assert.Equal(t, "occupied", c.status(t))
	a = c.post(t, "/_sim/links/open", "", `{"link":"https://lockeropen.com/dropoff?token=x.y"}`)
	assert.Equal(t, http.StatusGone, a.code)
	assert.JSONEq(t, `{"detail":"the link is refused"}`, a.body)
}
