// Package jump is the recommender: it decides what a zone plays when nobody
// chose anything, and where a press of JUMP leads.
//
// An [Engine] is told what there is (a catalogue of items), what happened
// (plays and how they ended, ratings, playlists), what it sounds like, and is asked for
//
//   - a flow: the next tracks of an endless queue, from a context,
//   - a JUMP: another context, like this one, liked by this listener, and not
//     one that was just left, together with its first tracks,
//   - the likely JUMPs, so that their first audio can be made ready,
//   - a chart: the listener's own, every line with its reason,
//   - a mix: any list re-sorted by predicted liking.
//
// A listener corrects their taste with [Engine.SetWish] (pin, ban, more like
// this), [Engine.TakeBack] (that was not me), [Engine.SetPaused] (guests) and
// [Engine.Forget], and sees it in [Engine.Leanings]. [Blend] names several who
// listen together. [Engine.SetApart] is for a child, and for a zone where nobody
// is named: what they hear feeds their own taste alone.
//
// # What it promises
//
// A flow is never shorter than asked while one track may be played. It repeats
// nothing within 100 tracks; a library that has no more than those keeps half of
// itself apart. No artist comes twice in five while the library
// allows it. What is disliked or banned never comes, and speech never comes into
// music nor says anything about it. The rules act on recordings, not on files,
// and on composers as on artists; the parts of a work stay together, in order.
//
// # How it weighs
//
// Every kind of evidence has an absolute scale and its own confidence n/(n+k),
// and they are added: ten plays do not bury what the tags know, ten thousand do.
// Likeness to some seeds is
//
//	the share of a seed's playlists in which a track stands, short lists
//	weightier, divided by popularity the more, the more seeds there are
//	+ 1/2 of the same for the sessions
//	+ names: the same artist or album, artists that share lists with the
//	seeds', tags and decades; most of which fades where lists say enough
//	+ 0.1 cos of the vectors (see Training), for the best of these
//	+ 0.12 cos² of what they sound like (see SetSound); most of which fades
//	where lists say enough, and which needs no listening, names or tags
//
// What follows a session ([Engine.Next]) is a softmax over what its last eight
// tracks stood beside in the newest sessions: how many steps apart, how often at
// all, how lately, and the vectors. Taste is the decayed balance of what a
// listener finished and what they skipped, shrunk in the same way, for the track
// itself, its artist and its tags. docs/recommender.md has the figures.
//
// # What it costs
//
// Indexes are appended to: a play counts at once. A request looks at a bounded
// number of lists and items, however large the library; only one that the rules
// leave nothing looks at everything. Vectors are made anew now and then, on any
// goroutine.
//
// # What it does not own
//
// It reads no files, asks no clock, keeps nothing on disk and draws no random
// numbers of its own: time and seed come in with each request, and equal
// histories and requests give equal answers. It imports nothing else of the
// project and can be used alone. No listening data is shipped with it.
package jump
