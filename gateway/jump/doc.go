// Package jump is the recommender: it decides what a zone plays when nobody
// chose anything, and where a press of JUMP leads.
//
// An [Engine] is told what there is (a catalogue of items), what happened
// (plays and how they ended, ratings, playlists), and is asked for
//
//   - a flow: the next tracks of an endless queue, from a context,
//   - a JUMP: another context, like this one, liked by this listener, and not
//     one that was just left, together with its first tracks,
//   - the likely JUMPs, so that their first audio can be made ready,
//   - a chart: the listener's own, every line with its reason,
//   - a mix: any list re-sorted by predicted liking.
//
// # What it promises
//
// A flow is never shorter than asked while one track may be played. It repeats
// nothing within 100 tracks; a library that has no more than those keeps half of
// itself apart. No artist comes twice in five while the library
// allows it. A disliked track never comes, and speech never comes into music.
//
// # How it weighs
//
// Every kind of evidence has an absolute scale and its own confidence
// n/(n+k), and they are added: ten plays do not bury what the tags know, ten
// thousand do. Likeness of two tracks is
//
//	cos * n/(n+5)  of the playlists they share
//	+ 1/2 cos * n/(n+5)  of the listening sessions they share
//	+ 0.12 for the same artist, 0.08 for the same album
//	+ 0.1 cos  of their tags and decades, the rarer the weightier
//
// where n counts the lists in which both stand. Taste is the decayed balance
// of what a listener finished and what they skipped, shrunk the same way, for
// the track itself, its artist and its tags.
//
// # What it does not own
//
// It reads no files, asks no clock, keeps nothing on disk and draws no random
// numbers of its own: time and seed come in with each request, and equal
// histories and requests give equal answers. It imports nothing else of the
// project and can be used alone. No listening data is shipped with it.
package jump
