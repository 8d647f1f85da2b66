package sqldb

import (
	"database/sql"
	"errors"
)

// Collect reads all rows of a query.
func Collect[T any](rows *sql.Rows, err error, read func(*sql.Rows) (T, error)) (out []T, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := read(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
