// Package demo makes the demo library: albums that Jumpgate composes itself,
// so that a fresh install has music to play that nobody has to download and
// nobody else owns.
//
// [Compose] writes the albums of the catalogue as FLAC files with tags,
// ReplayGain and drawn covers, each file complete before it appears under its
// name. The music is made in package moods with the instruments of package
// synth and the theory of package score; this package knows who plays what,
// masters it, draws the covers and writes the files.
//
// It does not scan, play or keep anything: to the rest of Jumpgate the demo
// library is a music folder like any other.
package demo
