// Package measure listens to the tracks of the library in the background and
// keeps what each sounds like, for the recommender. It owns which tracks are
// still to be listened to, in what order, and which excerpts of them: the
// newest first, 30 seconds around the first and around the second third. What
// the numbers mean is package sound's.
//
// It listens to two tracks at a time, on threads that give way to everything else.
// What it measured is kept in small batches: after a stop it goes on where it was.
package measure
