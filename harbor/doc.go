// Package harbor drives Harbor's parcel lockers from a backend.
package harbor
