package container

import (
	"errors"
	"fmt"
	"io"
)

// errorf puts a reason before one of the package's errors.
func errorf(kind error, format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), kind)
}

// readError tells a file that ends too early (corrupt) from one that cannot
// be read.
func readError(what string, err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errorf(ErrCorrupt, "%s: file ends early", what)
	}
	return fmt.Errorf("%s: %w", what, err)
}
