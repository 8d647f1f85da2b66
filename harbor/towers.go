package harbor

import (
	"context"

	"github.com/lockerline/lockerline-go"
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
