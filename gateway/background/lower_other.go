//go:build !linux

package background

// Lower does nothing here: only Linux lets a thread step back by itself.
func Lower(int) (end func()) { return func() {} }
