// Package container cuts coded frames out of audio files without decoding
// them: FLAC, Ogg (Opus), MP3, WAV, MP4/M4A and ADTS. It reads through an
// io.ReaderAt, keeps an index of where frames are, and never allocates by a
// length that a file merely claims.
//
// It owns: what a file is (by content, never by name), its codec's set-up
// data, where each frame is and how long it lasts, and how many samples of
// encoder delay and padding surround the music. It does not decode, does not
// read tags or pictures, and knows nothing else of the project; it uses the
// standard library only.
//
// Probe reads headers only and lets the index grow as it is asked for; Open
// indexes the whole file and returns it as a Track.
package container
