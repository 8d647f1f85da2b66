package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/internal/racetest"
)

// measured runs the scenes that need no network, with the SDK's call replaced by change
// of it if one is given.
func measured(t *testing.T, change func(runner) runner) results {
	t.Helper()
	if racetest.Enabled {
		t.Skip("the race detector allocates")
	}
	scenes, done, err := stubScenes()
	require.NoError(t, err)
	defer done()
	tokenScene, tokensDone, err := tokenScenes()
	require.NoError(t, err)
	defer tokensDone()
	scenes = append(scenes, tokenScene...)
	for _, s := range scenes {
		for i, r := range s.runners {
			if change != nil && (r.name == ourClient || r.name == tokenCache) {
				s.runners[i] = change(r)
			}
		}
	}
	res, err := measureAll(scenes, 7, 2*time.Millisecond, nil)
	require.NoError(t, err)
	return res
}

// These tests count what the whole process allocates: none of them is parallel.

func TestBars_HoldForTheClient(t *testing.T) {
	verdicts := judge(measured(t, nil))
	var out bytes.Buffer
	require.NoError(t, writeVerdicts(&out, verdicts))
	t.Logf("\n%s", out.String())
	require.NoError(t, broken(verdicts))
	enforced := 0
	for _, v := range verdicts {
		if v.metric.enforced {
			enforced++
		}
	}
	assert.Equal(t, 7, enforced, "a bar that nobody measures holds nothing")
}

var sink []byte

// The other side of the test above: a client that is dearer is found out, by every bar.
func TestBars_BreakForADearerClient(t *testing.T) {
	res := measured(t, func(r runner) runner {
		more := 60
		if r.name == tokenCache {
			more = 1
		}
		return runner{r.name, func(ctx context.Context) error {
			for range more {
				sink = make([]byte, 400)
			}
			return r.once(ctx)
		}}
	})
	for _, v := range judge(res) {
		if v.metric.enforced {
			assert.False(t, v.held(), "%s: %v %s, bar %v", v.what, v.got, v.metric.unit, v.most)
		}
	}
}

func TestBars_AreThoseOfTheDesign(t *testing.T) {
	t.Parallel()
	res := results{
		stubOne:  {ourClient: {allocs: 62, bytes: 6200}, goGithub: {allocs: 63}, godoRetrying: {allocs: 69}, hcloudGo: {allocs: 65}},
		stubPage: {decodingAlone: {allocs: 1000}, ourClient: {allocs: 1070, bytes: 130_000}, goGithub: {allocs: 1071}, godoRetrying: {allocs: 1080}, hcloudGo: {allocs: 1090}},
		fastPath: {tokenCache: {allocs: 0, medianNs: 60}},
		tcpOne:   {ourClient: {ratio: 1.10}, goGithub: {ratio: 1.10}, godoRetrying: {ratio: 1.2}, hcloudGo: {ratio: 1.2}},
	}
	verdicts := judge(res)
	require.Len(t, verdicts, len(bars))
	for _, v := range verdicts {
		assert.True(t, v.held(), "%s %s", v.what, v.metric.unit)
	}
	require.NoError(t, broken(verdicts))
	for _, worse := range []struct {
		scene, runner string
		by            result
		enforced      bool
	}{
		{stubOne, ourClient, result{allocs: 63, bytes: 6200}, true},
		{stubOne, ourClient, result{allocs: 62, bytes: 6201}, true},
		{stubOne, hcloudGo, result{allocs: 62}, true},
		{stubPage, ourClient, result{allocs: 1071, bytes: 130_000}, true},
		{stubPage, ourClient, result{allocs: 1070, bytes: 130_001}, true},
		{fastPath, tokenCache, result{allocs: 1, medianNs: 60}, true},
		{fastPath, tokenCache, result{medianNs: 61}, false},
		{tcpOne, ourClient, result{ratio: 1.11}, false},
		{tcpOne, godoRetrying, result{ratio: 1.09}, false},
	} {
		before := res[worse.scene][worse.runner]
		res[worse.scene][worse.runner] = worse.by
		verdicts := judge(res)
		assert.True(t, slices.ContainsFunc(verdicts, func(v verdict) bool { return !v.held() }), "%+v", worse)
		if err := broken(verdicts); worse.enforced {
			require.Error(t, err)
			assert.True(t, strings.Contains(err.Error(), "and the bar is"), err)
		} else {
			require.NoError(t, err, "a time fails nothing")
		}
		res[worse.scene][worse.runner] = before
	}
}
