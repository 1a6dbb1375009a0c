package phrase

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
)

// causes are what systems answer, in order of looking.
var causes = []struct {
	err  error
	code Code
}{
	{fs.ErrPermission, NoPermission},
	{fs.ErrNotExist, NotThere},
	{syscall.ENOSPC, DiskFull},
	{syscall.EROFS, ReadOnly},
	{syscall.EIO, DiskFails},
	{syscall.ECONNREFUSED, Refused},
	{syscall.EHOSTUNREACH, NoRoute},
	{syscall.ENETUNREACH, NoRoute},
	{syscall.ETIMEDOUT, TookTooLong},
	{syscall.ECONNRESET, ConnectionEnded},
	{syscall.EPIPE, ConnectionEnded},
	{context.DeadlineExceeded, TookTooLong},
}

// Cause says an error of the system. One that is not known here is said in its
// own words.
func Cause(err error) Phrase {
	for _, c := range causes {
		if errors.Is(err, c.err) {
			return New(c.code)
		}
	}
	return Verbatim(err.Error())
}
