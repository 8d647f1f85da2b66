package foxtrot

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/lockerline/lockerline-go/internal/transport"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// call makes one call of the table; a nil out means that no data is expected.
func (c *Client) call(ctx context.Context, id opID, args []arg, body any, out payload, cs *callSettings) (transport.Result, error) {
	op := &descriptors[id]
	if err := checkArgs(op.Name, args); err != nil {
		return transport.Result{}, err
	}
	in := transport.Call{Op: op, Args: make([]string, len(args))}
	for i, a := range args {
		in.Args[i] = a.value
	}
	if body != nil {
		in.Body, _ = json.Marshal(body) // of our own types, which cannot fail
	}
	return c.do(ctx, in, out, cs)
}

func (c *Client) do(ctx context.Context, in transport.Call, out payload, cs *callSettings) (transport.Result, error) {
	in.Out, in.AllowEmpty = &envelope{out}, out == nil
	in.Idempotent, in.NoRetry = cs.idempotent, cs.noRetry
	res, err := c.transport.Do(ctx, in)
	cs.fill(in.Op.Name, res)
	if err == nil {
		return res, nil
	}
	err = newError(err)
	if e, ok := errors.AsType[*Error](err); ok && e.Code != 0 && !e.Code.Known() && c.transport.WantsUnknown() {
		c.transport.ReportUnknown(ctx, in.Op, "code", e.Code.String())
	}
	return res, err
}

// get reads what an operation answers under key.
func get[T any](ctx context.Context, c *Client, id opID, key string, args []arg, opts []CallOption) (T, error) {
	cs := settingsOf(opts)
	var out T
	_, err := c.call(ctx, id, args, nil, &keyed[T]{key: key, out: &out}, &cs)
	if err != nil {
		var zero T
		return zero, err
	}
	c.reportUnknown(ctx, id, &out)
	return out, nil
}

// list reads a list; one that absent allows for is empty.
func list[T any](ctx context.Context, c *Client, id opID, key string, absent absence, args []arg, opts []CallOption) ([]T, error) {
	cs := settingsOf(opts)
	out := wire.List[T]{}
	_, err := c.call(ctx, id, args, nil, &keyed[wire.List[T]]{key: key, out: &out, absent: absent, lone: true}, &cs)
	if err != nil {
		return nil, err
	}
	c.reportUnknown(ctx, id, (*[]T)(&out))
	return out, nil
}

// unknowns is a model with words of an open set.
type unknowns interface {
	unknown(report func(field, value string))
}

// reportUnknown tells who listens about words that this version does not know.
func (c *Client) reportUnknown(ctx context.Context, id opID, model any) {
	if !c.transport.WantsUnknown() {
		return
	}
	report := func(field, value string) {
		c.transport.ReportUnknown(ctx, &descriptors[id], field, value)
	}
	switch m := model.(type) {
	case unknowns:
		m.unknown(report)
	case *[]Waypoint:
		for _, w := range *m {
			w.unknown(report)
		}
	case *[]Delivery:
		for _, d := range *m {
			d.unknown(report)
		}
	case *[]Webhook:
		for _, h := range *m {
			h.unknown(report)
		}
	}
}
