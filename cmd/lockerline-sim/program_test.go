package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

func TestFoxtrot_StandsOnItsOwnAddress(t *testing.T) {
	t.Parallel()
	c := begin(t, "-foxtrot-key", "a-key-of-ours")
	assert.Equal(t, "a-key-of-ours", c.here.FoxtrotKey)
	client, err := foxtrot.NewClient(c.here.FoxtrotKey, lockerline.WithBaseURL(c.here.FoxtrotURL))
	require.NoError(t, err)
	defer client.Close()
	customer, err := client.Customers.Get(t.Context(), foxtrottest.DemoDC, "c-1001")
	require.NoError(t, err)
	assert.Equal(t, "Corner Shop", customer.Name)
	assert.Equal(t, http.StatusUnauthorized, c.get(t, c.here.FoxtrotURL+"/dcs", "wrong").code)
}

func TestRun_CredentialsMayBeGiven(t *testing.T) {
	t.Parallel()
	c := begin(t, "-client-id", "team-rust", "-client-secret", "oxide")
	assert.Equal(t, "team-rust", c.here.ClientID)
	assert.Equal(t, "oxide", c.here.ClientSecret)
	assert.NotEmpty(t, c.token(t, "service_provider"))
}

func TestRun_AddressInUseIsOneLineAndFails(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, args := range [][]string{
		{"-addr", taken.Addr().String(), "-foxtrot-addr", "127.0.0.1:0", "-alzabox-addr", "127.0.0.1:0"},
		{"-addr", "127.0.0.1:0", "-foxtrot-addr", taken.Addr().String()},
	} {
		cmd, stderr := command(t, args...)
		out, err := cmd.Output()
		require.Error(t, err)
		assert.Equal(t, 1, cmd.ProcessState.ExitCode())
		assert.Empty(t, out)
		assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
		assert.Contains(t, stderr.String(), "address already in use")
	}
}

func TestRun_WarnsOfAnAddressThatOthersReach(t *testing.T) {
	t.Parallel()
	cmd, stderr := command(t, "-addr", "0.0.0.0:0", "-foxtrot-addr", "127.0.0.1:0", "-alzabox-addr", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stdout, write := io.Pipe()
	done := make(chan error, 1)
	said := new(bytes.Buffer)
	go func() { done <- run(ctx, cmd.Args[1:], write, said) }()
	line := make([]byte, 1024)
	n, err := stdout.Read(line)
	require.NoError(t, err)
	assert.Contains(t, string(line[:n]), `"api_url":"http://127.0.0.1:`, "an address that can be used")
	cancel()
	require.NoError(t, <-done)
	assert.Contains(t, said.String(), "every machine that reaches it can use it")
	assert.Empty(t, stderr.String())
}

func TestFlags_WrongOnesAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-nonsense"}, {"surplus"}, {"-addr", "nowhere"}, {"-webhook-header", "no colon"}, {"-webhook-url", "not a url", "-addr", "127.0.0.1:0", "-foxtrot-addr", "127.0.0.1:0", "-alzabox-addr", "127.0.0.1:0"},
	} {
		err := run(t.Context(), args, io.Discard, io.Discard)
		assert.Error(t, err, args)
	}
	assert.NoError(t, run(t.Context(), []string{"-h"}, io.Discard, io.Discard))
}

// A page that is live does not keep the program from ending; a request under way is let
// finish.
func TestRun_TermEndsLivePagesAndFinishesRequests(t *testing.T) {
	t.Parallel()
	c := begin(t)
	live, err := http.Get(c.here.APIURL + "/_wall/stream")
	require.NoError(t, err)
	defer live.Body.Close()
	_, err = live.Body.Read(make([]byte, 64))
	require.NoError(t, err)

	form := "grant_type=client_credentials&scope=service_provider&client_id=" + c.here.ClientID + "&client_secret=" + c.here.ClientSecret
	address, err := url.Parse(c.here.TokenURL)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", address.Host)
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n",
		address.Path, address.Host, len(form))
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue", "the request is being read")
	_, _ = in.ReadString('\n')

	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	_, err = io.ReadAll(live.Body)
	assert.NoError(t, err, "the stream ended, it was not cut")
	_, err = io.WriteString(conn, form)
	require.NoError(t, err)
	res, err := http.ReadResponse(in, nil)
	require.NoError(t, err)
	res.Body.Close()
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.NoError(t, c.cmd.Wait(), "exit code 0")
	c.ended = true
}

func TestWall_ShowsTheTowersOfTheSimulator(t *testing.T) {
	t.Parallel()
	c := begin(t)
	a := c.get(t, "/", "")
	assert.Equal(t, http.StatusOK, a.code)
	assert.Equal(t, 60, strings.Count(a.body, "data-locker="))
	a = c.post(t, "/_wall/doors/"+freeTower+"/948/events", "", `{"event":"reserve"}`)
	require.Equal(t, http.StatusNoContent, a.code, a.body)
	assert.Equal(t, "reserved", c.status(t))
	for _, event := range []string{"create_dropoff_token", "dropoff_token_used", "create_pickup_token", "pickup_token_used"} {
		a = c.post(t, "/_wall/doors/"+freeTower+"/948/events", "", `{"event":"`+event+`"}`)
		require.Equal(t, http.StatusNoContent, a.code, event+a.body)
	}
	assert.Equal(t, "available", c.status(t))
	for _, event := range []string{"create_dropoff_token", "release", "tower_synced", "reserve", "reservation_expired", "take_out_of_service", "return_to_service", "create_dropoff_token", "dropoff_token_expired", "reserve", "cancel_reservation"} {
		a = c.post(t, "/_wall/doors/"+freeTower+"/948/events", "", `{"event":"`+event+`"}`)
		require.Equal(t, http.StatusNoContent, a.code, event+a.body)
	}
	assert.Equal(t, "available", c.status(t))
}

// A page of another site, and one whose name was made to point here, can do nothing.
func TestControl_ForeignPagesAreRefused(t *testing.T) {
	t.Parallel()
	c := begin(t)
	for _, header := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"},
	} {
		for _, path := range []string{"/_sim/reset", "/_wall/doors/" + freeTower + "/948/events"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.here.APIURL+path, strings.NewReader(`{"event":"reserve"}`))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/json")
			for name, value := range header {
				req.Header.Set(name, value)
				if name == "Host" {
					req.Host = value
				}
			}
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			res.Body.Close()
			assert.Equal(t, http.StatusForbidden, res.StatusCode, "%s %v", path, header)
		}
	}
	assert.Equal(t, "available", c.status(t))
}
