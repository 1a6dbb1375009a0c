// Package phrase holds what the gateway says to people: each sentence under a
// code, with blanks for what differs. The gateway says it in English; a page
// that knows the code says it in its own language.
//
// A Phrase is a value without state of its own; everything here may be called
// from any goroutine. The package imports nothing of the project's.
package phrase
