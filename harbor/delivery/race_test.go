//go:build race

package delivery_test

// underRace: everything takes several times as long, so that there is less of it.
const underRace = true
