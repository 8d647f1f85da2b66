// Package wire holds the pieces by which models read JSON that is not always what its
// documentation says: times as text or as milliseconds, identifiers as numbers, numbers
// as text. Each piece tells null and absent apart from zero, and refuses what it cannot
// read with a *json.UnmarshalTypeError, to which encoding/json, until Go 1.26,
// adds the name of the field.
package wire
