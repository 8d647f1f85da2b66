package otel_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/otel"
)

// Spans and metrics of a reservation, as the stdout exporters print them. A program gives
// the exporters os.Stdout, or takes those of its collector.
func Example() {
	ctx := context.Background()
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(io.Discard))
	if err != nil {
		log.Fatal(err)
	}
	printed, err := stdoutmetric.New(stdoutmetric.WithWriter(io.Discard))
	if err != nil {
		log.Fatal(err)
	}
	spans := tracetest.NewSpanRecorder()
	tracers := trace.NewTracerProvider(trace.WithSyncer(exporter), trace.WithSpanProcessor(spans))
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(printed)))

	srv, err := harbortest.New()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	c, err := srv.Client(lockerline.WithHooks(otel.ClientHooks(otel.WithTracerProvider(tracers), otel.WithMeterProvider(meters))))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	ref := harbor.LockerRef{Tower: "0100000000000175", Locker: 950}
	if _, err := c.Lockers.Reserve(ctx, ref, 5*time.Minute); err != nil {
		log.Fatal(err)
	}
	for _, s := range spans.Ended() {
		fmt.Println(s.Name(), s.SpanKind(), s.Status().Code)
	}
	fmt.Println(tracers.Shutdown(ctx), meters.Shutdown(ctx))
	// Output:
	// lockers.reserve client Unset
	// <nil> <nil>
}
