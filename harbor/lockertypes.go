package harbor

import "context"

// LockerTypesService knows the sizes of lockers.
type LockerTypesService struct{ c *Client }

// List returns the sizes that Harbor has. The route is inferred: the vendor's pages send
// the reader to a list of locker types without showing its path; see WithOperationPath.
// Safe to repeat.
func (s *LockerTypesService) List(ctx context.Context, opts ...CallOption) ([]LockerType, error) {
	return list[LockerType](ctx, s.c, opLockerTypesList, nil, "", opts)
}
