package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

const asProgram = "CUSTOMERS_TEST_AS_PROGRAM"

// TestMain is the program itself when a test starts it so.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is the program with arguments and, for its environment, key and address.
func program(t *testing.T, key, url string, args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", foxtrot.EnvAPIKey+"="+key, foxtrot.EnvAPIURL+"="+url)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	return cmd, &stdout, &stderr
}

func TestCustomers_RunsWithoutAnAccount(t *testing.T) {
	t.Parallel()
	cmd, stdout, stderr := program(t, "", "")
	require.NoError(t, cmd.Run(), stderr.String())
	assert.Empty(t, stderr.String())
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	require.Len(t, lines, 6)
	for i, words := range [][]string{
		{"CUSTOMER", "NAME", "LOCATION", "KIND", "NEXT TRUCK", "STOPS AHEAD", "WAITS"},
		{"c-1001", "Corner Shop", "4.60110,-74.08100", "confident", "(in 20m)", "next"},
		{"c-1002", "Harbour Café", "inferred", "(in 45m)", "1"},
		{"c-1003", "Quay Bakery", "imported", "(in 1h10m)", "2", "10m"},
		{"c-1004", "Market Stall", "unknown", "time unknown", "3"},
		{"c-1005", "Night Kiosk", "inferred", "none"},
	} {
		for _, word := range words {
			assert.Contains(t, lines[i], word)
		}
	}
	assert.Contains(t, lines[1], " -05 ", "the clock of the DC")
}

func TestCustomers_AsksTheServiceOfTheEnvironment(t *testing.T) {
	t.Parallel()
	srv := foxtrottest.NewServer(t, foxtrottest.WithMaxParallel(10), foxtrottest.WithLatency(time.Millisecond))
	args := []string{"-dc", string(foxtrottest.DemoDC), "-json"}
	for i := range 60 {
		id := foxtrot.CustomerID("many/" + strings.Repeat("x", i+1))
		srv.AddCustomer(foxtrottest.DemoDC, foxtrot.Customer{ID: id, Name: string(id)})
		args = append(args, "-customer", string(id))
	}
	args = append(args, "-customer=c-1003")
	cmd, stdout, stderr := program(t, srv.APIKey, srv.URL, args...)
	require.NoError(t, cmd.Run(), stderr.String())
	assert.LessOrEqual(t, srv.MaxInFlight(), 8)
	assert.Zero(t, srv.Resets())
	n := 0
	for sc := bufio.NewScanner(stdout); sc.Scan(); n++ {
		var got line
		require.NoError(t, json.Unmarshal(sc.Bytes(), &got))
		assert.Empty(t, got.Error)
		if got.ID == "c-1003" {
			assert.Equal(t, "imported", string(got.Location.Kind))
			assert.Equal(t, 2, *got.Next.StopsAhead)
			assert.InDelta(t, 600, *got.Next.WaitingSeconds, 0)
			assert.InDelta(t, 70*60, *got.Next.SecondsLeft, 30)
		}
	}
	assert.Equal(t, 61, n)
	assert.NotContains(t, stdout.String()+stderr.String(), srv.APIKey)
}

func TestCustomers_FailureIsOneLineAndExitCode1(t *testing.T) {
	t.Parallel()
	srv := foxtrottest.NewServer(t)
	for _, tc := range []struct {
		name, key, url, says string
		args                 []string
	}{
		{"a flag that is none", "", "", "-h", []string{"-nope"}},
		{"an argument too many", "", "", "unexpected", []string{"c-1001"}},
		{"an address without a key", "", srv.URL, foxtrot.EnvAPIKey, nil},
		{"a key with a line break within", "se\ncret", srv.URL, "API key", nil},
		{"an address that is not safe", "secret", "http://api.example", "https", nil},
		{"a wrong key", "secret", srv.URL, "check that the credentials", []string{"-dc", "dc-north"}},
		{"no DC", srv.APIKey, srv.URL, `"dc-north"`, nil},
		{"another DC", srv.APIKey, srv.URL, "there is no DC", []string{"-dc", "north"}},
		{"no customer", srv.APIKey, srv.URL, "-customer", []string{"-dc", "dc-north"}},
		{"a customer who is none", srv.APIKey, srv.URL, "1 of 2 customers failed", []string{"-dc", "dc-north", "-customer", "c-1001", "-customer", "nobody"}},
		{"an identifier that cannot be one", srv.APIKey, srv.URL, "dot segment", []string{"-dc", "dc-north", "-customer", ".."}},
	} {
		cmd, stdout, stderr := program(t, tc.key, tc.url, tc.args...)
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit, tc.name)
		assert.Equal(t, 1, exit.ExitCode(), tc.name)
		assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), "%s: %s", tc.name, stderr)
		assert.True(t, strings.HasPrefix(stderr.String(), "customers: "), tc.name)
		assert.Contains(t, stderr.String(), tc.says, tc.name)
		for _, secret := range []string{srv.APIKey, "secret", "cret"} {
			assert.NotContains(t, stdout.String()+stderr.String(), secret, tc.name)
		}
	}
}

func TestCustomers_InterruptEndsTheProgram(t *testing.T) {
	t.Parallel()
	srv := foxtrottest.NewServer(t)
	srv.Fail("customers.get", lockerlinetest.Latency(time.Minute))
	asked := make(chan struct{}, 10)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/customers/") {
			asked <- struct{}{}
		}
		srv.ServeHTTP(w, r)
	}))
	defer front.Close()
	cmd, _, stderr := program(t, srv.APIKey, front.URL, "-dc", "dc-north", "-customer", "c-1001")
	require.NoError(t, cmd.Start())
	<-asked
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	assert.Equal(t, 1, exit.ExitCode())
	assert.Equal(t, "customers: interrupted\n", stderr.String())
}

func TestCustomers_HelpIsNoError(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, &stdout))
	assert.Contains(t, stdout.String(), "-customer")
}
