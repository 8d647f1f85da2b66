package callbacks_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
)

// ping is an event of a made-up sender: "host seconds text".
type ping struct {
	host, text string
	seconds    int64
}

func (p ping) Identity() []string { return []string{p.host, fmt.Sprint(p.seconds), p.text} }
func (p ping) Group() string      { return p.host }
func (p ping) Time() time.Time    { return time.Unix(p.seconds, 0) }

func decodePing(raw []byte) (p ping, err error) {
	if n, _ := fmt.Fscan(bytes.NewReader(raw), &p.host, &p.seconds, &p.text); n != 3 {
		return ping{}, errors.New("not a ping")
	}
	return p, nil
}

func TestFeedOf_AsksTheEventItself(t *testing.T) {
	t.Parallel()
	feed := callbacks.FeedOf("pings", decodePing)
	assert.Equal(t, "pings", feed.Name)
	e, err := feed.Decode([]byte("tower-7 60 up"))
	require.NoError(t, err)
	assert.Equal(t, callbacks.KeyOf("tower-7", "60", "up"), feed.Key(e))
	assert.Equal(t, "tower-7", feed.Group(e))
	assert.Equal(t, time.Unix(60, 0), feed.Time(e))
	_, err = feed.Decode([]byte("nonsense"))
	assert.Error(t, err)
}

func TestFeedOf_TellsDifferentEventsApart(t *testing.T) {
	t.Parallel()
	feed := callbacks.FeedOf("pings", decodePing)
	a, b := ping{"ab", "c", 1}, ping{"a", "bc", 1}
	assert.NotEqual(t, feed.Key(a), feed.Key(b))
	assert.Equal(t, feed.Key(a), feed.Key(ping{"ab", "c", 1}))
}
