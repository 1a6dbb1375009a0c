// Package zone plays: it owns a zone's queue, its timeline and its transport,
// and declares what a member must be able to do.
//
// A Zone is one goroutine (Run). Commands, members' reports, decoded blocks and
// the journal's answers all come to it as messages; nothing else touches its
// state. What may take long happens elsewhere: each decoder (deck) and each
// encoder (encode group) has a goroutine of its own, the journal has one, and a
// leading device has one.
//
// The queue holds, in this order: what was played (at most MaxHistory), the
// entry that plays, what a person picked, and the flow, an endless tail from
// the recommender. JUMP replaces the flow: the first entry of the new flow plays
// at once, picks that have not played follow it, the rest of the new flow comes
// behind them. A flow entry that a person moves becomes a pick.
//
// The timeline is stereo float32 at the rate of the track that an epoch started
// with. An epoch is one unbroken run of it: start, seek, skip, JUMP and a change
// of who leads begin a new one; the end of a track does not. Time on it is the
// gateway's monotonic clock (audio.Time). A new epoch begins as soon as its
// first audio is decoded, at now + the largest lead of the pushed members; what
// sounded before may sound until then.
//
// The package does not discover or connect devices (gateway/member), keeps
// nothing itself (Journal), knows no files (Tracks), and recommends nothing
// (Flow).
package zone
