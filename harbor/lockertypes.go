package harbor

import (
	"context"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// LockerTypesService knows the sizes of lockers.
type LockerTypesService struct{ c *Client }

// List returns the sizes that Harbor has. The route is inferred: the vendor's pages send
// the reader to a list of locker types without showing its path; see lockerline.WithOperationPath.
// Safe to repeat.
func (s *LockerTypesService) List(ctx context.Context, opts ...lockerline.CallOption) ([]LockerType, error) {
	listed, err := list[wire.List[listedType]](ctx, s.c, opLockerTypesList, nil, "", opts)
	if err != nil {
		return nil, err
	}
	types := make([]LockerType, len(listed))
	for i, t := range listed {
		types[i] = LockerType(t)
	}
	return types, nil
}

// listedType is a type that must have an id: within a locker it may be missing.
type listedType LockerType

func (t *listedType) UnmarshalJSON(b []byte) error {
	if err := (*LockerType)(t).UnmarshalJSON(b); err != nil {
		return err
	}
	if t.ID == 0 {
		return &wire.ShapeError{Reason: "a locker type has no id"}
	}
	return nil
}
