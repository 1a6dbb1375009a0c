//go:build !linux

package demo

// beNice does nothing where a thread cannot be lowered by itself.
func beNice() {}
