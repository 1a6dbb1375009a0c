package background

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Lower puts the calling goroutine's thread, and the processes that it starts,
// behind others in the scheduler: by 1, hardly, to 19, as far as can be. A
// system that refuses is as well. The thread stays locked to the goroutine and
// ends with it, so that nobody inherits it: call it in a goroutine that the work
// has for itself.
func Lower(by int) {
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), by)
}
