package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
)

// maxBody is more than any request of the app needs.
const maxBody = 16 << 10

// apiError is an error of our own making.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.message }

func invalid(message string) error {
	return &apiError{http.StatusBadRequest, "invalid_request", message}
}

var errNoReservation = &apiError{http.StatusNotFound, "reservation_unknown", "no change of this reservation has come in"}

// faults say what an error becomes for the app; the first that fits is taken. A row with a
// service is for errors of that service alone. SERVICE in a message is its name. Without a
// message the error's own text is given, which holds no secret, body or identifier.
var faults = []struct {
	service string
	is      error
	status  int
	code    string
	message string
	again   bool // the same request may be sent again, although lockerline.Retryable does not say so
}{
	{"", delivery.ErrNotFound, http.StatusNotFound, "delivery_unknown", "there is no delivery of this reference", false},
	{"", delivery.ErrDifferentRequest, http.StatusConflict, "reference_taken", "", false},
	{"", delivery.ErrStale, http.StatusServiceUnavailable, "busy", "another request is changing the delivery", true},
	{"", harbor.ErrNoLockerAvailable, http.StatusConflict, "no_locker_available", "no locker of this type is free there; ask again later, or elsewhere by another reference", false},
	{"", errNoFoxtrot, http.StatusNotImplemented, "not_set_up", "", false},
	{"", lockerline.ErrOutcomeUnknown, http.StatusServiceUnavailable, "outcome_unknown", "SERVICE took the request and did not answer; ask again with the same reference", true},
	{"", lockerline.ErrRateLimited, http.StatusServiceUnavailable, "busy", "SERVICE is busy", false},
	{"", lockerline.ErrUnauthorized, http.StatusBadGateway, "SERVICE_refused", "SERVICE does not accept this backend", false},
	{"foxtrot", lockerline.ErrNotFound, http.StatusNotFound, "customer_unknown", "there is no such customer", false},
	{"foxtrot", lockerline.ErrForbidden, http.StatusNotFound, "customer_unknown", "there is no such distribution centre", false},
	{"", lockerline.ErrForbidden, http.StatusBadGateway, "SERVICE_refused", "SERVICE does not let this backend do that", false},
	{"", lockerline.ErrNotFound, http.StatusNotFound, "place_unknown", "there is no such place, tower or locker", false},
	{"", lockerline.ErrInvalid, http.StatusBadRequest, "invalid_request", "SERVICE does not understand the request", false},
	{"", lockerline.ErrConflict, http.StatusConflict, "conflict", "the locker is in another state", false},
	{"", lockerline.ErrAttemptTimeout, http.StatusGatewayTimeout, "timeout", "the service did not answer in time", false},
	{"", context.DeadlineExceeded, http.StatusGatewayTimeout, "timeout", "this took too long", true},
	{"", context.Canceled, http.StatusServiceUnavailable, "stopped", "the backend is shutting down", true},
	{"", lockerline.ErrServer, http.StatusBadGateway, "SERVICE_failed", "SERVICE cannot answer", false},
}

// serviceNames are how people know the services.
var serviceNames = map[string]string{"harbor": "Harbor", "foxtrot": "Foxtrot"}

// explain says what an error becomes.
func explain(err error) (e apiError, again bool) {
	if own, ok := errors.AsType[*apiError](err); ok {
		return *own, false
	}
	if bad, ok := errors.AsType[*delivery.RequestError](err); ok {
		return apiError{http.StatusBadRequest, "invalid_request", bad.Error()}, false
	}
	if phase, ok := errors.AsType[*delivery.PhaseError](err); ok {
		return apiError{http.StatusConflict, "wrong_phase", phase.Error()}, false
	}
	service := "harbor"
	failed, called := errors.AsType[*lockerline.Error](err)
	if called {
		service = failed.Service
	} else if bad, ok := errors.AsType[*lockerline.ArgumentError](err); ok {
		service = bad.Service
	}
	for _, f := range faults {
		if (f.service == "" || f.service == service) && errors.Is(err, f.is) {
			message := f.message
			if message == "" {
				message = f.is.Error()
			}
			code := strings.Replace(f.code, "SERVICE", service, 1)
			return apiError{f.status, code, strings.Replace(message, "SERVICE", serviceNames[service], 1)}, f.again || lockerline.Retryable(err)
		}
	}
	if called && failed.StatusCode == 0 {
		return apiError{http.StatusBadGateway, service + "_failed", serviceNames[service] + " cannot be reached"}, lockerline.Retryable(err)
	}
	return apiError{http.StatusInternalServerError, "internal", "something went wrong here"}, false
}

// fail answers with an error and notes what the app is not told.
func (b *backend) fail(w http.ResponseWriter, err error) {
	e, again := explain(err)
	if again {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter(err)))
	}
	if e.status >= 500 {
		b.log.Warn("a request of the app failed", "code", e.code, "error", err)
	}
	writeError(w, e)
}

// retryAfter is when to come again, in seconds: as long as the service asked for.
func retryAfter(err error) int {
	wait := 1.0
	if e, ok := errors.AsType[*lockerline.Error](err); ok {
		wait = max(wait, e.RetryAfter.Seconds())
	}
	return int(math.Ceil(wait))
}

func writeError(w http.ResponseWriter, e apiError) {
	writeJSON(w, e.status, map[string]any{"error": map[string]string{"code": e.code, "message": e.message}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the app may be gone
}

// readJSON reads a body that must be one JSON object of the fields of v.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if !isJSON(r) {
		return &apiError{http.StatusUnsupportedMediaType, "not_json", "send the body as application/json"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return &apiError{http.StatusRequestEntityTooLarge, "too_large", "the body is longer than 16 KiB"}
	}
	if err != nil {
		return invalid("the body did not come in whole")
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return invalid(bodyFault(err))
	}
	if d.More() {
		return invalid("the body must be one JSON object")
	}
	return nil
}

// bodyFault names the field at fault, never its value.
func bodyFault(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return wrong.Field + " is of another type"
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok && len(name) < 80 {
		return "there is no field " + name
	}
	return "the body is not a JSON object"
}
