// Package score is the little music theory that the demo pieces need: scales,
// chord symbols, voice leading, rhythm patterns and melodies from motifs. It
// deals in MIDI note numbers and beats, and makes no sound.
package score
