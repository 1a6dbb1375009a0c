package background

import (
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// Lower puts the calling goroutine's thread, and the processes that it starts,
// behind others in the scheduler: by 1, hardly, to 19, as far as can be. A
// system that refuses is as well. The thread stays locked to the goroutine and
// ends with it, so that nobody inherits it: call it in a goroutine that the work
// has for itself, and call end when the work is done.
//
// Go runs as many threads at a time as there are processors. One that waits behind
// others would keep its place among these while it waits, and playback with it:
// until end, there is one place more.
func Lower(by int) (end func()) {
	runtime.LockOSThread()
	if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), by); err != nil {
		return func() {}
	}
	places(1)
	return sync.OnceFunc(func() { places(-1) })
}

var placing sync.Mutex

// places adds to how many threads run Go at a time.
func places(n int) {
	placing.Lock()
	defer placing.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
}
