package harbortest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

const sdkTower = "/sdk/v1/towers/" + tower

// onPhone asks with a token for towers.
func (p partner) onPhone() partner {
	p.bearer = p.srv.AccessToken("", harbor.ScopeTowerAccess)
	return p
}

func TestServer_SessionTokenMixesItsCasing(t *testing.T) {
	t.Parallel()
	p := start(t).onPhone()
	m := p.post(sdkTower+"/session-token", `{"duration":600,"claims":["sync_packet"],"version":"1"}`).object(t)
	assert.Len(t, m, 4)
	for _, key := range []string{"payload", "payload_auth", "session_seed", "tower_id"} {
		assert.NotEmpty(t, m[key], key)
	}
	assert.Equal(t, 422, p.post(sdkTower+"/session-token", `{"duration":600,"claims":"all"}`).code)
	assert.Equal(t, 404, p.post("/sdk/v1/towers/01000000000000ff/session-token", `{"duration":600}`).code)
}

func TestServer_CommandsWaitUntilATowerCarriedThemOut(t *testing.T) {
	t.Parallel()
	p := start(t)
	assert.Equal(t, "[]", p.onPhone().get(sdkTower+"/commands").body)
	p.key(freeRef, "dropoff")
	require.Equal(t, 200, p.post(lockerPath(free, "release-locker"), `{}`).code)
	for range 2 {
		list := p.onPhone().get(sdkTower + "/commands").array(t)
		require.Len(t, list, 1)
		m := list[0].(map[string]any)
		assert.Equal(t, json.Number("1"), m["syncCommandCount"])
		for _, key := range []string{"towerId", "syncCommandStart", "payload", "payloadAuth"} {
			assert.Contains(t, m, key)
		}
		assert.Equal(t, harbor.LockerStatusReleased, p.status(freeRef), "looking at a command carries nothing out")
	}
	p.phone()
	assert.Equal(t, "[]", p.onPhone().get(sdkTower+"/commands").body)
}

func TestServer_CommandsAreRefusedAsEvents(t *testing.T) {
	t.Parallel()
	p := start(t)
	// Five commands are as long as three events.
	for _, id := range []string{"948", "950", "951", "953", "955"} {
		require.Equal(t, 200, p.post(lockerPath(id, "dropoff-locker-tokens"), reserve300).code)
		require.Equal(t, 200, p.post(lockerPath(id, "release-locker"), `{}`).code)
	}
	p = p.onPhone()
	m := p.get(sdkTower + "/commands").array(t)[0].(map[string]any)
	posing, err := json.Marshal([]map[string]any{{
		"payload": m["payload"], "payloadAuth": m["payloadAuth"], "syncEventStart": 1, "syncEventCount": 3,
	}})
	require.NoError(t, err)
	assert.Equal(t, 400, p.post(sdkTower+"/events", string(posing)).code)
}

func TestServer_UnsealedEventsAreRefused(t *testing.T) {
	t.Parallel()
	p := start(t).onPhone()
	// A packet of one message is none of the other.
	session := p.post(sdkTower+"/session-token", `{"duration":600}`).object(t)
	posing, err := json.Marshal([]map[string]any{{
		"payload": session["payload"], "payloadAuth": session["payload_auth"], "syncEventStart": 1, "syncEventCount": 1,
	}})
	require.NoError(t, err)
	for body, code := range map[string]int{
		`{}`: 422, ``: 422, `[]`: 200, string(posing): 400,
		`[{"payload":"05","payloadAuth":"00","syncEventCount":0}]`: 400,
		`[{"payload":"x","payloadAuth":"x","syncEventCount":1}]`:   400,
	} {
		assert.Equal(t, code, p.post(sdkTower+"/events", body).code, body)
	}
}
