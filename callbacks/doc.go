// Package callbacks receives what others push, loses nothing, and hands each change
// over once and in order.
package callbacks
