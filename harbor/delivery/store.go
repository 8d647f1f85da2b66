package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Store keeps deliveries as rows. NewMemoryStore and OpenSQL make one; another must pass
// deliverytest.RunStoreTests. All methods are safe for concurrent use and end with their
// context; a row that is handed out shares nothing with the store.
//
// A write that returns nil is durable: a store that loses it loses a locker.
type Store interface {
	// Create stores a new row, whose Version is 1. When the reference is in use it stores
	// nothing and returns ErrReferenceTaken; when r.Claim and another row claims the same
	// locker, ErrLockerClaimed.
	Create(ctx context.Context, r Row) error
	// Get returns a row, or ErrNotFound.
	Get(ctx context.Context, reference string) (Row, error)
	// Update replaces a row if the stored Version is one less than r.Version. It stores
	// nothing and returns ErrStale when the stored version is another, ErrNotFound when
	// there is none, and ErrLockerClaimed when r.Claim and another row claims the same
	// locker. All of it is one atomic step.
	Update(ctx context.Context, r Row) error
	// At returns the rows that have to do with a locker: first the one that claims it,
	// then the last three of the others, the latest change first.
	At(ctx context.Context, locker string) ([]Row, error)
	// List returns rows in the order of their references.
	List(ctx context.Context, f Filter) ([]Row, error)
	// Due returns at most limit rows whose DueAt is not zero and not after now, the
	// earliest first.
	Due(ctx context.Context, now time.Time, limit int) ([]Row, error)
	// Count returns how many rows are in each phase that is not an end.
	Count(ctx context.Context) (map[Phase]int, error)
	// Prune deletes rows that ended before a time, claim no locker and owe nothing. It
	// returns how many.
	Prune(ctx context.Context, endedBefore time.Time) (int, error)
}

// Row is a delivery as a store keeps it: what it is searched by, and the rest as bytes.
type Row struct {
	Reference string
	Version   int64 // counts changes
	Phase     Phase
	Locker    string    // it has to do with; empty: none
	Claim     bool      // no other row with Claim may have the same Locker
	DueAt     time.Time // zero: never
	EndedAt   time.Time // zero: not ended
	UpdatedAt time.Time
	Owes      bool   // a notice was not acknowledged yet
	Data      []byte // JSON; a manager's own
}

// lastAtLocker is how many rows without a claim Store.At returns.
const lastAtLocker = 3

// Filter chooses deliveries. The zero value takes the first hundred of all.
type Filter struct {
	Phases []Phase // empty: any
	Open   bool    // leaves out phases that are ends
	After  string  // only references after this one in byte order: the last of the page before
	Limit  int     // 0: 100
}

const defaultListLimit = 100

// Max is the limit of the filter, the default one if it has none.
func (f Filter) Max() int {
	if f.Limit <= 0 {
		return defaultListLimit
	}
	return f.Limit
}

// dataFormat is the version of what Row.Data holds.
const dataFormat = 1

// row is the record as a store keeps it.
func (d *record) row() (Row, error) {
	data, err := json.Marshal(struct {
		Format int `json:"format"`
		*record
	}{dataFormat, d})
	r := Row{
		Reference: d.Reference, Version: d.version, Phase: d.Phase, DueAt: d.DueAt, UpdatedAt: d.UpdatedAt,
		Owes: len(d.Outbox) > 0, Data: data,
	}
	if d.Phase.Ended() {
		r.EndedAt = d.EndedAt
	}
	if d.Locker != nil {
		r.Locker, r.Claim = d.Locker.Ref.String(), d.Claimed
	}
	return r, err
}

// readRow returns what a row holds.
func readRow(r Row) (*record, error) {
	var in struct {
		Format int `json:"format"`
		record
	}
	if err := json.Unmarshal(r.Data, &in); err != nil {
		return nil, fmt.Errorf("a stored delivery cannot be read: %w", err)
	}
	if in.Format != dataFormat {
		return nil, fmt.Errorf("a stored delivery has format %d, not %d: update the program", in.Format, dataFormat)
	}
	in.version = r.Version
	return &in.record, nil
}

// records is a store of records.
type records struct{ Store }

func (s records) Create(ctx context.Context, d *record) error {
	d.version = 1
	r, err := d.row()
	if err != nil {
		return err
	}
	return s.Store.Create(ctx, r)
}

// Update stores a changed record and counts its version up.
func (s records) Update(ctx context.Context, d *record) error {
	r, err := d.row()
	if err != nil {
		return err
	}
	r.Version++
	if err := s.Store.Update(ctx, r); err != nil {
		return err
	}
	d.version = r.Version
	return nil
}

func (s records) Get(ctx context.Context, reference string) (*record, error) {
	r, err := s.Store.Get(ctx, reference)
	if err != nil {
		return nil, err
	}
	return readRow(r)
}

func (s records) At(ctx context.Context, ref harbor.LockerRef) ([]*record, error) {
	return readRows(s.Store.At(ctx, ref.String()))
}

func (s records) List(ctx context.Context, f Filter) ([]*record, error) {
	return readRows(s.Store.List(ctx, f))
}

func (s records) Due(ctx context.Context, now time.Time, limit int) ([]*record, error) {
	return readRows(s.Store.Due(ctx, now, limit))
}

// EndedClaims returns those of the due that are over and still claim their locker.
func (s records) EndedClaims(ctx context.Context, now time.Time, limit int) ([]*record, error) {
	rows, err := s.Store.Due(ctx, now, limit)
	return readRows(slices.DeleteFunc(rows, func(r Row) bool { return !r.Claim || !r.Phase.Ended() }), err)
}

func readRows(rows []Row, err error) ([]*record, error) {
	if err != nil {
		return nil, err
	}
	ds := make([]*record, len(rows))
	for i, r := range rows {
		if ds[i], err = readRow(r); err != nil {
			return nil, err
		}
	}
	return ds, nil
}
