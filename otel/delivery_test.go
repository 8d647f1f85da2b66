package otel_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/otel"
)

func TestDeliveryObserver_FollowsADelivery(t *testing.T) {
	t.Parallel()
	r := newRig()
	srv, c := harborClient(t, r)
	noticed := make(chan delivery.NoticeKind, 8)
	observer, counted := otel.DeliveryObserver(r.opts...), make(chan struct{}, 8)
	count := observer.Open
	observer.Open = func(byPhase map[delivery.Phase]int) { count(byPhase); counted <- struct{}{} }
	m, err := delivery.New(c, delivery.NewMemoryStore(), delivery.WithObserver(observer),
		delivery.WithInterval(50*time.Millisecond),
		delivery.WithNotify(func(_ context.Context, n delivery.Notice) error { noticed <- n.Kind; return nil }))
	require.NoError(t, err)
	_, err = m.Start(t.Context(), delivery.Request{Reference: "order", Location: 329})
	require.NoError(t, err)
	token, err := m.DropoffToken(t.Context(), "order", harbor.TokenRequest{Duration: time.Hour})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- m.Run(ctx) }()

	phone := srv.Phone(srv.AccessToken("", harbor.ScopeTowerAccess))
	require.NoError(t, phone.Connect(token.Tower))
	_, err = phone.Use(token.Payload, token.PayloadAuth)
	require.NoError(t, err)
	require.NoError(t, phone.CloseDoor())
	select {
	case kind := <-noticed:
		assert.Equal(t, delivery.NoticeStored, kind)
	case <-time.After(time.Minute):
		t.Fatal("the parcel was not seen")
	}
	<-counted
	stop()
	require.NoError(t, <-ended)

	got := r.collect(t)
	assert.Equal(t, map[string]float64{
		"lockerline.phase=reserved,lockerline.phase.from=searching": 1,
		"lockerline.phase=rented,lockerline.phase.from=reserved":    1,
		"lockerline.phase=stored,lockerline.phase.from=rented":      1,
	}, points(t, got["lockerline.delivery.transitions"]))
	assert.Equal(t, map[string]float64{"lockerline.notice=stored": 1}, points(t, got["lockerline.delivery.notice.delay"]))
	assert.Equal(t, map[string]float64{"": 0}, points(t, got["lockerline.delivery.unknown_lockers"]))
	open := 0.0
	for _, n := range points(t, got["lockerline.delivery.open"]) {
		open += n
	}
	assert.InDelta(t, 1, open, 0, "one delivery, in one phase")
	assert.NotEmpty(t, points(t, got["lockerline.delivery.look.duration"]))
}
