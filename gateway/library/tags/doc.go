// Package tags reads what files of music say about themselves: ID3v1, ID3v2.2
// to v2.4, Vorbis comments in FLAC and Ogg (Vorbis, Opus, FLAC), iTunes
// metadata in MP4, the attributes of ASF (WMA), and what RIFF and AIFF files
// carry.
//
// It owns the formats of tags and nothing else: it decodes no audio, opens no
// file and guesses nothing from names. It reads only the parts of a file that
// hold tags, in small windows, and stays within a budget: a file that lies
// about its lengths costs no more than an honest one. Every reader here takes
// bytes from strangers and is fuzzed.
//
// Text that a tagger marked as Latin-1 but that is really CP949 (Korean),
// Shift-JIS or UTF-8 is read as what it is: see charset.go for the rule.
package tags
