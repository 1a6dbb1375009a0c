package demo

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// niceness is how far a worker steps back behind the gateway's own work.
const niceness = 5

// beNice lowers the calling goroutine's thread in the scheduler. A system
// that refuses is as well. The thread stays locked: it ends with its
// goroutine, so that nobody inherits it.
func beNice() {
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), niceness)
}
