package harbor

import (
	"context"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// TowersService looks at one tower. Its calls are reads: safe to repeat.
type TowersService struct{ c *Client }

// Lockers returns the lockers of a tower with their statuses, whatever they are (vendor
// page). A tower that does not exist is lockerline.ErrNotFound.
func (s *TowersService) Lockers(ctx context.Context, tower TowerID, opts ...lockerline.CallOption) ([]Locker, error) {
	if err := check(opTowersLockers, tower.problems()); err != nil {
		return nil, err
	}
	tower = tower.Normalize()
	return listLockers(ctx, s.c, opTowersLockers, []string{string(tower)}, tower, opts)
}

// Availability returns how many lockers of a tower are free (observed; the shape of the
// answer is not documented, so that of LocationsService.Availability is read in all its
// forms).
func (s *TowersService) Availability(ctx context.Context, tower TowerID, opts ...lockerline.CallOption) (*Availability, error) {
	if err := check(opTowersAvailability, tower.problems()); err != nil {
		return nil, err
	}
	return one[Availability](ctx, s.c, opTowersAvailability, []string{string(tower.Normalize())}, opts)
}

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
