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

// read makes a call and returns the value that its answer has under key.
func read[T any](ctx context.Context, c *Client, id opID, key string, args []arg, body any, cs *callSettings) (*T, transport.Result, error) {
	out := new(T)
	res, err := c.call(ctx, id, args, body, &keyed[T]{key: key, out: out}, cs)
	if err != nil {
		return nil, res, err
	}
	c.reportUnknown(ctx, id, out)
	return out, res, nil
}

// one is read with the options of a caller.
func one[T any](ctx context.Context, c *Client, id opID, key string, args []arg, body any, opts []CallOption) (*T, error) {
	cs := settingsOf(opts)
	out, _, err := read[T](ctx, c, id, key, args, body, &cs)
	return out, err
}

// list makes a call and returns the list that its answer has under key; one that absent
// allows for is empty.
func list[T any](ctx context.Context, c *Client, id opID, key string, absent absence, args []arg, opts []CallOption) ([]T, error) {
	cs := settingsOf(opts)
	out := wire.List[T]{}
	_, err := c.call(ctx, id, args, nil, &keyed[wire.List[T]]{key: key, out: &out, absent: absent, lone: true}, &cs)
	if err != nil {
		return nil, err
	}
	for i := range out {
		c.reportUnknown(ctx, id, &out[i])
	}
	return out, nil
}

// reportUnknown reports the words of an open set in a model that this version does not
// know.
func (c *Client) reportUnknown(ctx context.Context, id opID, model any) {
	m, ok := model.(interface {
		unknown(report func(field, value string))
	})
	if !ok || !c.transport.WantsUnknown() {
		return
	}
	m.unknown(func(field, value string) {
		c.transport.ReportUnknown(ctx, &descriptors[id], field, value)
	})
}
