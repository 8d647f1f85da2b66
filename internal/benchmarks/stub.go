package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

const (
	onePath   = "/api/v1/bookings/730144"
	listPath  = "/api/v1/bookings"
	tokenPath = "/token"
)

const tokenAnswer = `{"access_token":"benchmark-token","token_type":"Bearer","expires_in":86400}`

// answerTo is what both the stub and the server say.
func answerTo(path string) (body []byte, ok bool) {
	switch {
	case strings.HasSuffix(path, onePath):
		return onePayload, true
	case strings.HasSuffix(path, listPath):
		return pagePayload, true
	case path == tokenPath:
		return []byte(tokenAnswer), true
	}
	return nil, false
}

// stub is a transport without a network: what is left is the client's own work.
type stub struct{}

func (stub) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	resp := &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"req-1"}},
		Request: r,
	}
	body, ok := answerTo(r.URL.Path)
	if !ok {
		resp.Status, resp.StatusCode = "404 Not Found", http.StatusNotFound
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}
