package foxtrot

import (
	"context"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// read makes a call and returns the value that its answer has under key.
func read[T any](ctx context.Context, c *Client, id opID, key string, args []arg, body any, cfg lockerline.CallConfig) (*T, transport.Result, error) {
	out := new(T)
	res, err := c.call(ctx, id, args, body, &keyed[T]{key: key, out: out}, cfg)
	if err != nil {
		return nil, res, err
	}
	c.reportUnknown(ctx, id, out)
	return out, res, nil
}

// one is read with the options of a caller.
func one[T any](ctx context.Context, c *Client, id opID, key string, args []arg, body any, opts []lockerline.CallOption) (*T, error) {
	out, _, err := read[T](ctx, c, id, key, args, body, lockerline.NewCallConfig(opts))
	return out, err
}

// list makes a call and returns the list that its answer has under key; one that absent
// allows for is empty.
func list[T any](ctx context.Context, c *Client, id opID, key string, absent absence, args []arg, opts []lockerline.CallOption) ([]T, error) {
	out := wire.List[T]{}
	_, err := c.call(ctx, id, args, nil, &keyed[wire.List[T]]{key: key, out: &out, absent: absent, lone: true}, lockerline.NewCallConfig(opts))
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
	if ok {
		c.transport.ReportUnknowns(ctx, &operations[id], m.unknown)
	}
}

// outcome is the error of an answer that was read well and holds no result.
func (c *Client) outcome(id opID, res transport.Result, kind error) error {
	return c.transport.Failed(&operations[id], res.CallMeta, kind)
}
