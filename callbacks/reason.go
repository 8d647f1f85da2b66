package callbacks

import "net/http"

// Reason says why a request was not acknowledged. Each has one HTTP status.
type Reason string

// The reasons, in the order in which a handler looks.
const (
	// RefusedMethod is a method that the handler does not take.
	RefusedMethod Reason = "method"
	// RefusedCredential is a missing or wrong secret; nothing of the body was read.
	RefusedCredential Reason = "credential"
	// RefusedExpired is a right secret whose time is over; the event names it.
	RefusedExpired Reason = "expired_credential"
	// RefusedContentType is a body that does not claim to be JSON.
	RefusedContentType Reason = "content_type"
	// RefusedTooLarge is a body over the limit, whether it said so or came in chunks.
	RefusedTooLarge Reason = "too_large"
	// RefusedSlow is a body that did not come in time.
	RefusedSlow Reason = "slow_body"
	// RefusedCut is a body that broke off.
	RefusedCut Reason = "cut_body"
	// RefusedEmpty is a body without content. There is nothing to keep, so acknowledging
	// it could only lose a change whose body went missing on the way.
	RefusedEmpty Reason = "empty_body"
	// RefusedUnreadable is a body that cannot be read where nothing keeps such bodies:
	// with the option RefuseUnreadable, or Direct without OnQuarantine.
	RefusedUnreadable Reason = "unreadable"
	// RefusedShutdown is a request after Shutdown.
	RefusedShutdown Reason = "shutdown"
	// RefusedFull is a request while too many others wait for the sink.
	RefusedFull Reason = "full"
	// RefusedTimeout is a sink that did not answer in time.
	RefusedTimeout Reason = "store_timeout"
	// RefusedStore is an error of the sink.
	RefusedStore Reason = "store_error"
	// RefusedPanic is a panic in the sink.
	RefusedPanic Reason = "panic"
)

// refusals is what the sender is told, and whether it should come again.
var refusals = []struct {
	reason Reason
	status int
	retry  bool
}{
	{RefusedMethod, http.StatusMethodNotAllowed, false},
	{RefusedCredential, http.StatusUnauthorized, false},
	{RefusedExpired, http.StatusUnauthorized, false},
	{RefusedContentType, http.StatusUnsupportedMediaType, false},
	{RefusedTooLarge, http.StatusRequestEntityTooLarge, false},
	{RefusedSlow, http.StatusRequestTimeout, false},
	{RefusedCut, http.StatusBadRequest, false},
	{RefusedEmpty, http.StatusBadRequest, false},
	{RefusedUnreadable, http.StatusBadRequest, false},
	{RefusedShutdown, http.StatusServiceUnavailable, true},
	{RefusedFull, http.StatusServiceUnavailable, true},
	{RefusedTimeout, http.StatusServiceUnavailable, true},
	{RefusedStore, http.StatusServiceUnavailable, true},
	{RefusedPanic, http.StatusInternalServerError, false},
}

// Reasons are all reasons, in the order in which a handler looks.
func Reasons() []Reason {
	list := make([]Reason, len(refusals))
	for i, r := range refusals {
		list[i] = r.reason
	}
	return list
}

// Status is the HTTP status that the sender gets; 500 for a reason that is not known.
func (r Reason) Status() int {
	status, _ := r.answer()
	return status
}

func (r Reason) answer() (status int, retry bool) {
	for _, row := range refusals {
		if row.reason == r {
			return row.status, row.retry
		}
	}
	return http.StatusInternalServerError, false
}
