package harbortest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRequestLogForgetsTheOldest(t *testing.T) {
	t.Parallel()
	s := &Server{}
	for i := range 3 * maxLog {
		s.log.add(Request{Status: i})
		assert.LessOrEqual(t, len(s.log.entries), maxLog)
	}
	kept := s.Requests()
	assert.GreaterOrEqual(t, len(kept), maxLog/2)
	assert.Equal(t, 3*maxLog-1, kept[len(kept)-1].Status)
}
