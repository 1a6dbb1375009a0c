package gateway

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
)

func TestScanLines(t *testing.T) {
	var said []string
	l := scanLines{folders: []string{"/music"}, say: func(f string, a ...any) { said = append(said, fmt.Sprintf(f, a...)) }}
	at := func(s int) time.Time { return time.Unix(1000+int64(s), 0) }
	tell := func(now int, p library.Progress, want ...string) {
		t.Helper()
		said = nil
		l.tell(p, at(now))
		if !slices.Equal(said, want) {
			t.Errorf("said %q, not %q", said, want)
		}
	}
	tell(0, library.Progress{})                              // nothing was scanned yet
	tell(0, library.Progress{Running: true, Started: at(0)}) // just begun
	tell(1, library.Progress{Started: at(0), Finished: at(1)},
		"There is no music in /music yet: put files there, and they are found within half a minute")
	tell(2, library.Progress{Started: at(1), Finished: at(2)}) // said once
	tell(3, library.Progress{Started: at(2), Finished: at(3), Total: 3, Done: 3})
	tell(4, library.Progress{Started: at(3), Finished: at(4)},
		"There is no music in /music yet: put files there, and they are found within half a minute")
	// One that takes its time, long after the start.
	long := library.Progress{Running: true, Started: at(100), Done: 500, Total: 5000, Rate: 450.4, ETA: 10 * time.Second}
	tell(101, long)
	tell(105, long, "Scanning: 500 of 5000 files, 450 a second, 10s left")
	tell(106, long)
	tell(110, long, "Scanning: 500 of 5000 files, 450 a second, 10s left")
	tell(112, library.Progress{Started: at(100), Finished: at(112), Done: 5000, Total: 5000, Problems: 2, Waiting: 1},
		"Scanned 5000 files in 12s; 2 problems, 1 tracks wait for ffmpeg: the scan report in the page names them")
	tell(113, library.Progress{Started: at(100), Finished: at(112), Done: 5000, Total: 5000})
}
