//go:build !js && !plan9 && !wasip1

package service

import (
	"os"
	"syscall"
)

var outputClosed = []os.Signal{syscall.SIGPIPE}
