// Package racetest tells tests whether the race detector is on. It slows them down, and
// makes sync.Pool forget at random, so that allocations cannot be counted.
package racetest
