package callbacks_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/internal/memnet"
)

// pipeServer serves h on connections in memory, so that their deadlines run in virtual
// time. Use it within a bubble.
func pipeServer(t *testing.T, server *http.Server) (dial func() net.Conn) {
	t.Helper()
	l := memnet.Listen()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-stopped
	})
	return func() net.Conn {
		c, err := l.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

func head(length int, authorization string) string {
	return fmt.Sprintf("POST /callbacks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nAuthorization: %s\r\n\r\n", length, authorization)
}

// answer is the status of the next response, and how long it and the end of the connection
// took.
func answer(t *testing.T, c net.Conn) (status int, answered, closed time.Duration) {
	t.Helper()
	start, r := time.Now(), bufio.NewReader(c)
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	answered = time.Since(start)
	_, _ = io.Copy(io.Discard, r)
	return response.StatusCode, answered, time.Since(start)
}

func TestHandler_StrangerIsAnsweredAtOnceAndHoldsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dial := pipeServer(t, &http.Server{Handler: mustHandler(t, newMemorySink())})
		for _, length := range []int{100, 60 << 10, 10 << 20} {
			c := dial()
			fmt.Fprint(c, head(length, "Bearer wrong"))
			status, answered, closed := answer(t, c)
			if status != http.StatusUnauthorized || answered != 0 || closed > 2*time.Second {
				t.Errorf("length %d: %d after %v, closed after %v", length, status, answered, closed)
			}
		}
	})
}

func TestWithReadTimeout_SlowBodyIsCutOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server time.Duration
		want   time.Duration
	}{
		"by the handler's limit":           {0, 3 * time.Second},
		"by the server's limit if shorter": {time.Second, time.Second},
		"by the handler's limit if longer": {time.Minute, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, sink := new(events), newMemorySink()
				h := mustHandler(t, sink, callbacks.WithReadTimeout(3*time.Second), callbacks.WithObserver(e.observer()))
				conn := pipeServer(t, &http.Server{Handler: h, ReadTimeout: c.server})()
				fmt.Fprint(conn, head(len(basicSample), "Bearer "+testToken)+basicSample[:20])
				status, answered, _ := answer(t, conn)
				synctest.Wait()
				if status != http.StatusRequestTimeout || answered != c.want || len(sink.stored()) != 0 || e.refused[0].Reason != callbacks.ReasonSlow {
					t.Errorf("%d after %v, %+v", status, answered, e.refused)
				}
			})
		})
	}
}

func TestWithReadTimeout_EndsWithTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctxErr := make(chan error, 2)
		slow := callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) {
			time.Sleep(8 * time.Second)
			return callbacks.OutcomeStored, nil
		})
		h := mustHandler(t, slow, callbacks.WithReadTimeout(time.Second),
			callbacks.WithObserver(callbacks.Observer{Accepted: func(ctx context.Context, _ callbacks.Accepted) { ctxErr <- ctx.Err() }}))
		conn := pipeServer(t, &http.Server{Handler: h})()
		r := bufio.NewReader(conn)
		for range 2 {
			fmt.Fprint(conn, head(len(basicSample), "Bearer "+testToken)+basicSample)
			response, err := http.ReadResponse(r, nil)
			if err != nil || response.StatusCode != http.StatusOK || response.Close {
				t.Fatalf("%v, %v", response, err)
			}
			if err := <-ctxErr; err != nil {
				t.Errorf("the read limit cancelled the request while it was stored: %v", err)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestHandler_CutBodyIsNotStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, sink := new(events), newMemorySink()
		h := mustHandler(t, sink, callbacks.WithObserver(e.observer()))
		conn := pipeServer(t, &http.Server{Handler: h})()
		fmt.Fprint(conn, head(len(basicSample)+1, "Bearer "+testToken)+basicSample)
		_ = conn.Close()
		synctest.Wait()
		if len(sink.stored()) != 0 || len(e.refused) != 1 || e.refused[0].Reason != callbacks.ReasonCut {
			t.Errorf("%d stored, %+v", len(sink.stored()), e.refused)
		}
	})
}

func TestHandler_HangingUpAfterSendingIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stored := make(chan error, 1)
		slow := callbacks.SinkFunc[change](func(ctx context.Context, _ delivery) (callbacks.Outcome, error) {
			time.Sleep(time.Second)
			stored <- ctx.Err()
			return callbacks.OutcomeStored, nil
		})
		conn := pipeServer(t, &http.Server{Handler: mustHandler(t, slow)})()
		fmt.Fprint(conn, head(len(basicSample), "Bearer "+testToken)+basicSample)
		_ = conn.Close()
		if err := <-stored; err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}

func TestWithMaxBody_TooLargeBodyIsRefusedHoweverItComes(t *testing.T) {
	t.Parallel()
	sink, e := newMemorySink(), new(events)
	server := httptest.NewServer(mustHandler(t, sink, callbacks.WithObserver(e.observer()), callbacks.WithMaxBody(1000)))
	t.Cleanup(server.Close)
	for name, reader := range map[string]io.Reader{
		"declared": strings.NewReader(strings.Repeat("x", 1001)),
		"chunked":  io.MultiReader(strings.NewReader(strings.Repeat("x", 1001))),
		"endless":  io.MultiReader(strings.NewReader(strings.Repeat("x", 10<<20))),
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, reader)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+testToken)
		response, err := server.Client().Do(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", name, response.StatusCode)
		}
	}
	if len(sink.stored()) != 0 {
		t.Error("something was stored")
	}
}

func TestHandler_ServesHTTP2(t *testing.T) {
	t.Parallel()
	sink := newMemorySink()
	server := httptest.NewUnstartedServer(mustHandler(t, sink))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	for authorization, want := range map[string]int{"Bearer wrong": http.StatusUnauthorized, "Bearer " + testToken: http.StatusOK} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, server.URL, strings.NewReader(basicSample))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", authorization)
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.ProtoMajor != 2 || response.StatusCode != want {
			t.Errorf("%s: %d", response.Proto, response.StatusCode)
		}
	}
	if len(sink.stored()) != 1 {
		t.Errorf("%d stored", len(sink.stored()))
	}
}
