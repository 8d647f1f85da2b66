package callbacks

import "net/http"

// Reason says why a request was not acknowledged. Each has one HTTP status.
type Reason string

// The reasons, in the order in which a handler looks.
const (
	// ReasonMethod is a method that the handler does not take.
	ReasonMethod Reason = "method"
	// ReasonCredential is a missing or wrong secret; nothing of the body was read.
	ReasonCredential Reason = "credential"
	// ReasonExpired is a right secret whose time is over; the event names it.
	ReasonExpired Reason = "expired_credential"
	// ReasonContentType is a body that does not claim to be JSON.
	ReasonContentType Reason = "content_type"
	// ReasonTooLarge is a body over the limit, whether it said so or came in chunks.
	ReasonTooLarge Reason = "too_large"
	// ReasonSlow is a body that did not come in time.
	ReasonSlow Reason = "slow_body"
	// ReasonCut is a body that broke off.
	ReasonCut Reason = "cut_body"
	// ReasonEmpty is a body without content. There is nothing to keep, so acknowledging
	// it could only lose a change whose body went missing on the way.
	ReasonEmpty Reason = "empty_body"
	// ReasonUnreadable is a body that cannot be read where nothing keeps such bodies:
	// with the option RefuseUnreadable, or Direct without OnQuarantine.
	ReasonUnreadable Reason = "unreadable"
	// ReasonShutdown is a request after Shutdown.
	ReasonShutdown Reason = "shutdown"
	// ReasonFull is a request while too many others wait for the sink.
	ReasonFull Reason = "full"
	// ReasonTimeout is a sink that did not answer in time.
	ReasonTimeout Reason = "store_timeout"
	// ReasonStore is an error of the sink.
	ReasonStore Reason = "store_error"
	// ReasonPanic is a panic in the sink.
	ReasonPanic Reason = "panic"
)

// refusals is what the sender is told, and whether it should come again.
var refusals = []struct {
	reason Reason
	status int
	retry  bool
}{
	{ReasonMethod, http.StatusMethodNotAllowed, false},
	{ReasonCredential, http.StatusUnauthorized, false},
	{ReasonExpired, http.StatusUnauthorized, false},
	{ReasonContentType, http.StatusUnsupportedMediaType, false},
	{ReasonTooLarge, http.StatusRequestEntityTooLarge, false},
	{ReasonSlow, http.StatusRequestTimeout, false},
	{ReasonCut, http.StatusBadRequest, false},
	{ReasonEmpty, http.StatusBadRequest, false},
	{ReasonUnreadable, http.StatusBadRequest, false},
	{ReasonShutdown, http.StatusServiceUnavailable, true},
	{ReasonFull, http.StatusServiceUnavailable, true},
	{ReasonTimeout, http.StatusServiceUnavailable, true},
	{ReasonStore, http.StatusServiceUnavailable, true},
	{ReasonPanic, http.StatusInternalServerError, false},
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
