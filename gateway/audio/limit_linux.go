package audio

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// limit bounds what a child may use: ffmpeg parses hostile bytes. processor is in
// seconds.
func limit(pid int, processor uint64) error {
	for _, l := range []struct {
		what int
		max  uint64
	}{
		{unix.RLIMIT_AS, 1 << 30},
		{unix.RLIMIT_CPU, processor},
		{unix.RLIMIT_FSIZE, 0}, // it writes to its pipe only
		{unix.RLIMIT_NOFILE, 32},
		{unix.RLIMIT_CORE, 0},
	} {
		err := unix.Prlimit(pid, l.what, &unix.Rlimit{Cur: l.max, Max: l.max}, nil)
		if err != nil {
			return fmt.Errorf("set limit %d: %w", l.what, err)
		}
	}
	return nil
}

// reopen gives a descriptor of the same file with a position of its own: a
// child that reads through an inherited one would move ours.
func reopen(f *os.File) (*os.File, error) {
	return os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
}
