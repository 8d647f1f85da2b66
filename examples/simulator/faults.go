package main

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// faultJSON is something to go wrong.
type faultJSON struct {
	Op          string            `json:"op"`
	API         string            `json:"api"`
	Times       int               `json:"times"`
	LatencyMS   int64             `json:"latency_ms"`
	Status      int               `json:"status"`
	Body        *string           `json:"body"`
	Headers     map[string]string `json:"headers"`
	RetryAfter  float64           `json:"retry_after_seconds"`
	AfterEffect bool              `json:"after_effect"`
	Cut         string            `json:"cut"`
	Truncate    bool              `json:"truncate"`
}

var cuts = map[string]harbortest.Cut{
	"": harbortest.CutNever, "before": harbortest.CutBefore, "after": harbortest.CutAfter, "within": harbortest.CutWithin,
}

const (
	apiHarbor  = "harbor"
	apiFoxtrot = "foxtrot"
)

func harborOperations() []string {
	var names []string
	for _, o := range harbortest.Operations() {
		if !slices.Contains(names, o.Name) {
			names = append(names, o.Name)
		}
	}
	return names
}

func foxtrotOperations() []string {
	var names []string
	for _, o := range foxtrot.Operations() {
		names = append(names, o.Name)
	}
	return names
}

func (s *simulator) listFaults(rw http.ResponseWriter, _ *http.Request) {
	answer(rw, http.StatusOK, map[string]any{
		"operations": map[string][]string{apiHarbor: harborOperations(), apiFoxtrot: foxtrotOperations()},
	})
}

func (s *simulator) clearFaults(rw http.ResponseWriter, _ *http.Request) {
	w := s.world()
	w.harbor.ClearFaults()
	w.foxtrot.ClearFaults()
	rw.WriteHeader(http.StatusNoContent)
}

func (s *simulator) addFault(rw http.ResponseWriter, r *http.Request) {
	var f faultJSON
	if !read(rw, r, &f) {
		return
	}
	if f.Op == "" {
		missing(rw, "op")
		return
	}
	if field, message := f.settle(); field != "" {
		invalid(rw, field, message)
		return
	}
	w := s.world()
	if f.API == apiHarbor {
		w.harbor.Fail(f.Op, f.harbor())
	} else {
		w.foxtrot.Fail(f.Op, f.foxtrot()...)
	}
	answer(rw, http.StatusOK, map[string]any{"op": f.Op, "api": f.API, "times": f.Times})
}

// settle checks the fault and fills in what was left out; it names what is wrong.
func (f *faultJSON) settle() (field, message string) {
	ops := map[string][]string{apiHarbor: harborOperations(), apiFoxtrot: foxtrotOperations()}
	if f.API == "" {
		f.API = apiHarbor
		if f.Op != harbortest.AnyOperation && !slices.Contains(ops[apiHarbor], f.Op) {
			f.API = apiFoxtrot
		}
	}
	f.Times = cmp.Or(f.Times, 1)
	names, known := ops[f.API]
	_, knownCut := cuts[f.Cut]
	switch {
	case !known:
		return "api", "must be harbor or foxtrot"
	case f.Op != harbortest.AnyOperation && !slices.Contains(names, f.Op):
		return "op", "is no operation; GET /_sim/faults lists them"
	case !knownCut:
		return "cut", "must be before, after or within"
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return "status", "must be 200 to 599"
	case f.LatencyMS < 0 || f.LatencyMS > time.Hour.Milliseconds():
		return "latency_ms", "must be 0 or more, and an hour at most"
	case f.RetryAfter < 0:
		return "retry_after_seconds", "must be 0 or more"
	case f.Status == 0 && (f.Body != nil || f.Headers != nil || f.RetryAfter > 0 || f.AfterEffect):
		return "status", "is needed for body, headers, retry_after_seconds and after_effect"
	case f.Status == 0 && f.Cut == "" && f.LatencyMS == 0 && !f.Truncate:
		return "op", "nothing goes wrong: give latency_ms, status, cut or truncate"
	}
	if f.API == apiFoxtrot {
		return f.settleFoxtrot()
	}
	return "", ""
}

// settleFoxtrot refuses what Foxtrot's simulator cannot do.
func (f *faultJSON) settleFoxtrot() (field, message string) {
	kinds := 0
	for _, is := range []bool{f.LatencyMS > 0, f.Status != 0, f.Cut != "", f.Truncate} {
		if is {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return "op", "of latency_ms, status, cut and truncate, Foxtrot takes one a fault: send one after the other"
	case f.AfterEffect:
		return "after_effect", "is for Harbor alone"
	case f.Times < 0 || f.Times > 1000:
		return "times", "must be 1 to 1000 for Foxtrot"
	}
	for name := range f.Headers {
		if http.CanonicalHeaderKey(name) != "Content-Type" {
			return "headers", "Foxtrot takes Content-Type alone; see retry_after_seconds"
		}
	}
	return "", ""
}

func (f *faultJSON) harbor() harbortest.Fault {
	fault := harbortest.Fault{
		Times: f.Times, Latency: time.Duration(f.LatencyMS) * time.Millisecond,
		AfterEffect: f.AfterEffect, Cut: cuts[f.Cut], Truncate: f.Truncate,
	}
	if f.Status == 0 {
		return fault
	}
	like := harbortest.ServerError(f.Status)
	if f.RetryAfter > 0 {
		like.Header.Set("Retry-After", harbortest.RateLimited(seconds(f.RetryAfter)).Header.Get("Retry-After"))
	}
	for name, value := range f.Headers {
		like.Header.Set(name, value)
	}
	fault.Status, fault.Header, fault.Body = f.Status, like.Header, like.Body
	if f.Body != nil {
		fault.Body = *f.Body
	}
	return fault
}

func (f *faultJSON) foxtrot() []lockerlinetest.Fault {
	var fault lockerlinetest.Fault
	switch {
	case f.LatencyMS > 0:
		fault = lockerlinetest.Latency(time.Duration(f.LatencyMS) * time.Millisecond)
	case f.Truncate:
		fault = lockerlinetest.Truncated()
	case f.Cut == "before":
		fault = lockerlinetest.Disconnect(lockerlinetest.Before)
	case f.Cut == "after":
		fault = lockerlinetest.Disconnect(lockerlinetest.After)
	case f.Cut == "within":
		fault = lockerlinetest.Disconnect(lockerlinetest.Within)
	case f.Status == http.StatusTooManyRequests && f.Body == nil:
		fault = lockerlinetest.RateLimited(seconds(f.RetryAfter))
	case f.Body != nil:
		kind := "application/json"
		for _, value := range f.Headers {
			kind = value
		}
		fault = lockerlinetest.Answer(f.Status, kind, *f.Body)
	default:
		fault = lockerlinetest.Status(f.Status)
	}
	return slices.Repeat([]lockerlinetest.Fault{fault}, f.Times)
}

func seconds(s float64) time.Duration {
	return min(time.Duration(min(s, 1e9)*float64(time.Second)), 24*365*time.Hour)
}
