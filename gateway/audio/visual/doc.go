// Package visual measures what can be shown of sound while it is heard: its
// loudness, its spectrum, its strongest frequency, its onsets and its beat, on the
// scales of Sendspin's visualizer role (roles/visualizer/v1.md). An [Analyser] is
// written samples and hands out a [Frame] for each moment; [Bins] make of one what
// a display of so many bars shows.
//
// It knows no clock and starts no goroutine. An Analyser belongs to one goroutine;
// its frames may go to any. The package imports nothing of the project's.
package visual
