// Package synth is a small studio: oscillators, envelopes, filters, plucked
// and struck strings, drums, room and echo, and a mastering chain. It renders
// notes into stereo buses at 44.1 kHz, off line and the same on every run.
//
// It knows nothing of harmony or form (package score does) and writes no files.
package synth
