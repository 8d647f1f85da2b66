package main

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

const stocked = `{"reservationId": "r-1", "status": "STOCKED", "changeTime": "2026-03-01T10:00:00Z", "blocked": false}`

// allSecrets is an environment with a value for each kind.
func allSecrets() (env []string, values map[string]string) {
	values = map[string]string{}
	for _, k := range kinds {
		values[k.variable] = k.invent()
		env = append(env, k.variable+"="+values[k.variable])
	}
	return env, values
}

func TestCredentials_EachOpensAloneAndAmongOthers(t *testing.T) {
	t.Parallel()
	env, values := allSecrets()
	for i, k := range kinds {
		for name, given := range map[string][]string{"alone": env[i : i+1], "among others": env} {
			t.Run(k.variable+" "+name, func(t *testing.T) {
				t.Parallel()
				p := start(t, given, append(databases[0].args(t), "-json")...)
				body := callbackstest.Message{Group: "r-1", Body: []byte(stocked)}
				for method, secret := range map[string]string{http.MethodPost: values[k.variable], http.MethodPatch: values[k.variable]} {
					report, err := p.sender(callbackstest.WithHeader("Authorization", ""), k.show(secret),
						callbackstest.WithMethod(method)).Send(t.Context(), body)
					require.NoError(t, err)
					assert.Equal(t, map[int]int{http.StatusOK: 1}, report.Statuses, method)
				}
				for _, wrong := range []callbackstest.Option{
					k.show(values[k.variable] + "x"), callbackstest.WithHeader("Authorization", ""),
				} {
					report, err := p.sender(callbackstest.WithHeader("Authorization", ""), wrong,
						callbackstest.WithSchedule()).Send(t.Context(), body)
					require.NoError(t, err)
					assert.Equal(t, map[int]int{http.StatusUnauthorized: 1}, report.Statuses)
				}
				assert.Zero(t, p.stop(syscall.SIGTERM))
				assert.Len(t, objects(t, p.printed()), 1)
				for _, secret := range values {
					_, secret, _ = cut(secret)
					assert.NotContains(t, p.stderr.String()+p.printed(), secret)
				}
			})
		}
	}
}

// cut takes the user from a basic credential, which is no secret.
func cut(value string) (user, secret string, basic bool) {
	if user, secret, basic = strings.Cut(value, ":"); basic {
		return user, secret, true
	}
	return "", value, false
}

const (
	harborEventBody = `{"timestamp": "2025-04-01T10:12:57", "event": "LOCKER_OPERATION", "data": {
		"timestamp": "2025-04-01T13:12:57Z", "locker_id": 42, "locker_status": "occupied", "tower_id": "0123456789abcdef",
		"source": "LOCKER_TOKEN_USED", "reservation_id": null, "keypad_code": "2718", "client_info": "order 42"}}`
	foxtrotEventBody = `{"event": "ROUTE_ETAS_CHANGED", "hook_timestamp_millis": 1760047200000, "dc_id": "dc-north", "route_id": "route-7"}`
)

func TestReceiver_ServesAllThreeSenders(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, []string{testBasic}, append(d.args(t), "-json")...)
			for path, body := range map[string]string{
				"/callbacks": stocked, "/webhooks/harbor": harborEventBody, "/webhooks/foxtrot": foxtrotEventBody,
			} {
				for range 2 {
					assert.Equal(t, http.StatusOK, p.post(path, body), path)
				}
				assert.Equal(t, http.StatusOK, p.post(path, "not JSON for "+path), "kept, and acknowledged")
				res, err := http.Post(p.url+path, "application/json", strings.NewReader(body))
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				assert.Equal(t, http.StatusUnauthorized, res.StatusCode, path)
			}
			assert.Contains(t, p.get("/healthz"), "3 quarantined")
			assert.Contains(t, p.get("/metrics"), `lockerline_callbacks_accepted_total{credential="basic",feed="foxtrot.webhooks",outcome="duplicate"} 1`)
			assert.Zero(t, p.stop(syscall.SIGTERM))
			printed := p.printed()
			assert.Equal(t, 3, strings.Count(printed, "\n"), printed)
			assert.Equal(t, 1, strings.Count(printed, `"reservationId":"r-1"`), printed)
			assert.Equal(t, 1, strings.Count(printed, `"event":"LOCKER_OPERATION"`), printed)
			assert.Equal(t, 1, strings.Count(printed, `"event":"ROUTE_ETAS_CHANGED"`), printed)
			assert.NotContains(t, printed+p.stderr.String(), "2718", "the code opens a door")
		})
	}
}

// get returns the body of an answer 200.
func (p *program) get(path string) string {
	p.t.Helper()
	res, err := http.Get(p.url + path)
	require.NoError(p.t, err)
	defer res.Body.Close()
	require.Equal(p.t, http.StatusOK, res.StatusCode)
	body, err := io.ReadAll(res.Body)
	require.NoError(p.t, err)
	return string(body)
}

func TestPrint_AmendmentNamesWhatItAmends(t *testing.T) {
	t.Parallel()
	p := start(t, []string{testBasic}, append(databases[0].args(t), "-json")...)
	amended := strings.Replace(stocked, "false", "true", 1)
	for _, body := range []string{stocked, amended, stocked, amended} {
		require.Equal(t, http.StatusOK, p.post("/callbacks", body))
	}
	assert.Zero(t, p.stop(syscall.SIGTERM))
	lines := objects(t, p.printed())
	require.Len(t, lines, 2)
	assert.Zero(t, lines[0].DuplicateOf)
	assert.Equal(t, int64(1), lines[1].DuplicateOf)
	assert.Equal(t, amended, *lines[1].Raw)
	assert.Nil(t, lines[1].FlowType)
}

func TestReceiver_TwoProcessesShareOneDatabase(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			args := append(d.args(t), "-json")
			one, other := start(t, []string{testBasic}, args...), start(t, []string{testBasic}, args...)
			messages := callbackstest.ReservationMessages(11, 150)
			reports := make(chan callbackstest.SendReport)
			for _, p := range []*program{one, other} { // both are sent everything
				go func() {
					report, _ := p.sender().Send(t.Context(), messages...)
					reports <- report
				}()
			}
			acknowledged := identities(t, <-reports)
			assert.Zero(t, (<-reports).Refused())
			assert.Len(t, acknowledged, len(messages))
			assert.Zero(t, one.stop(syscall.SIGTERM), one.stderr)
			assert.Zero(t, other.stop(syscall.SIGTERM), other.stderr)
			lines := objects(t, one.printed()+other.printed())
			assert.Zero(t, missing(acknowledged, lines))
			once := map[string]int{}
			for _, o := range lines {
				if o.DuplicateOf == 0 {
					once[o.identity()]++
				}
			}
			for id, n := range once {
				assert.Equal(t, 1, n, id)
			}
		})
	}
}
