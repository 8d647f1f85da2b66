//go:build js || plan9 || wasip1

package service

import "os"

var outputClosed []os.Signal
