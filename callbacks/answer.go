package callbacks

import (
	"net/http"
	"time"
)

// unreadGrace bounds how long net/http reads on after an answer for which the body was not
// wanted, so that a stranger's slow body holds nothing.
const unreadGrace = time.Second

// refuse answers and tells the observer. An unwanted body costs the connection: the
// alternative is to read it.
func (h *Handler[T]) refuse(x *exchange, reason Reason, err error) {
	status, retry := reason.answer()
	header := x.w.Header()
	switch {
	case retry:
		header.Set("Retry-After", h.retry)
	case status == http.StatusMethodNotAllowed:
		header.Set("Allow", h.allow)
	case status == http.StatusUnauthorized:
		for _, challenge := range h.config.set.load().challenges {
			header.Add("WWW-Authenticate", challenge)
		}
	}
	if x.unread && x.r.ContentLength != 0 {
		header.Set("Connection", "close")
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(unreadGrace))
	}
	x.answered = true
	x.w.WriteHeader(status)
	if hook := h.config.observer.Refused; hook != nil {
		hook(x.r.Context(), Refused{
			Feed: h.feed.Name, Credential: x.credential, Reason: reason,
			Status: status, Err: err, Total: time.Since(x.start),
		})
	}
}

// acknowledge settles the answer first, so that a hook that panics costs no acknowledgement.
func (h *Handler[T]) acknowledge(x *exchange, rec *Record, repaired bool, res result) {
	x.answered = true
	x.w.WriteHeader(http.StatusOK)
	if hook := h.config.observer.Accepted; hook != nil {
		hook(x.r.Context(), Accepted{
			Feed: h.feed.Name, Credential: x.credential, Outcome: res.outcome,
			Key: rec.Key, Group: rec.Group, Time: rec.Time, Size: len(rec.Raw),
			Repaired: repaired, Problem: rec.Problem, Store: res.took, Total: time.Since(x.start),
		})
	}
}
