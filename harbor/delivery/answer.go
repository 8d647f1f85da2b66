package delivery

import (
	"context"
	"errors"
	"net/http"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// answer says what an error of a write means.
type answer int

const (
	done    answer = iota
	unknown        // it may have taken effect
	refused        // Harbor will not, for the state or the owner of the locker
	failing        // it had no effect, and says nothing about the locker
)

// answerOf reads an error of a write. Which status a refusal has is not documented, so all
// that say neither who is asking nor when to come back are taken for one, unless a field of
// the request is at fault.
func answerOf(err error) answer {
	if err == nil {
		return done
	}
	if errors.Is(err, lockerline.ErrOutcomeUnknown) {
		return unknown
	}
	if errors.Is(err, harbor.ErrNoLockerAvailable) {
		return refused
	}
	e, ok := errors.AsType[*lockerline.Error](err)
	if !ok || len(e.Fields) > 0 || e.StatusCode < 400 || e.StatusCode > 499 {
		return failing
	}
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return failing
	}
	return refused
}

// call bounds a write, so that it is over when its intent says so.
func (m *Manager) call(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, m.cfg.callTimeout)
}
