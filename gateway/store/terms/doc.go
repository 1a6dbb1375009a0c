// Package terms turns names into the terms of a search index, and what a
// person has typed so far into a query over them.
//
// It owns normalisation (width, case, diacritics), the cutting of text into
// terms in every script, and the syntax of the FTS5 queries made from them. It
// does not touch a database.
//
// What it promises: a prefix of any word finds the name from the first
// character on. Scripts that write no spaces are found from any character on.
// Korean is compared key by key as it is typed, so that nothing flickers while
// a syllable is being composed (ㅅ, 사, 살, 사라, 사랑 all find 사랑), and by
// initial consonants alone (ㅅㄹ).
package terms
