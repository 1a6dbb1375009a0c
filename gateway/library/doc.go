// Package library knows the music: it finds the files in the music folders,
// reads what they say about themselves, and keeps that in package store.
//
// It owns scanning (what is new, changed, moved, gone), the report of what
// could not be read, access to the files, and artwork. It does not own the
// formats of tags (package tags below it), what a file sounds like (package
// audio, through [Prober]), nor the lists and the search (package store).
//
// The folders are watched by looking through them every 15 s at most; what has
// changed and stays as it is for 5 s is read.
//
// A scan never ends because of a file. A folder that cannot be reached changes
// nothing: the tracks in it stay as they are until it is back. Files are
// reached through os.Root only, so that no link leads out of a music folder.
package library
