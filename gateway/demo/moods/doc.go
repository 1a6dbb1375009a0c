// Package moods composes: one file a mood, each a function that turns a
// [Piece] into sound with the instruments of package synth and the theory of
// package score. Equal pieces sound equal, to the sample, on one kind of
// machine.
package moods
