package background

import (
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// What steps back has a priority and a place of its own, and gives both back.
func TestLower(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	own := must(t)(unix.Getpriority(unix.PRIO_PROCESS, 0))
	lowered, done := make(chan int), make(chan struct{})
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() {
			end := Lower(7)
			defer end()
			lowered <- must(t)(unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid()))
			<-done
		})
	}
	for range 2 {
		if got := <-lowered; got != 20-7 { // as the system call has it
			t.Errorf("a thread has priority %d", got)
		}
	}
	if got := runtime.GOMAXPROCS(0); got != before+2 {
		t.Errorf("beside two threads that wait behind others there are %d places, of %d", got-2, before)
	}
	close(done)
	work.Wait()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("%d places are left of %d", got, before)
	}
	if got := must(t)(unix.Getpriority(unix.PRIO_PROCESS, 0)); got != own {
		t.Errorf("the process has priority %d, not %d", got, own)
	}
}

func must(t *testing.T) func(int, error) int {
	return func(n int, err error) int {
		if err != nil {
			t.Error(err)
		}
		return n
	}
}
