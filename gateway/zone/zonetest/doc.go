// Package zonetest has what tests of zones and of members need: an Output, a
// Leader, a Journal, Tracks and a Flow that live in memory, and the conformance
// tests that every Output (TestOutput) and every Leader (TestLeader) passes,
// the in-memory ones included.
//
// Everything follows the clock that it is given and works inside a
// testing/synctest bubble; the conformance tests also run against real sockets.
// The package is for tests only: nothing in the product imports it.
package zonetest
