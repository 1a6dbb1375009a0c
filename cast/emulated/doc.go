// Package emulated runs Cast devices for tests: programs on the Server of npm's
// castv2, whose protocol code is not ours (cast/testdata/peer), each in a process
// of its own. It imports nothing of the project, so that every test may use it.
package emulated
