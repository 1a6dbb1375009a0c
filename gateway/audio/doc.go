// Package audio turns files into samples and samples into packets.
//
// It owns: the names of codecs and formats, the gateway's clock, opening and
// probing files by their content, decoding (FLAC, MP3, WAV and Ogg Opus in
// this process; everything else through an ffmpeg child process where there
// is one), mixing down to stereo, resampling, gain with a true-peak limit,
// level metering, and encoding to PCM, FLAC and Opus packets.
//
// It does not own: timelines and queues (package zone), tags and pictures
// (package library), fMP4 and playlists (package hls).
//
// Samples are interleaved float32 in [-1, 1]; positions count frames (one
// sample of each channel). Decoders and encoders hide codec delay: what they
// hand out joins sample by sample. Each of them belongs to one goroutine.
// Third-party decoders that panic on hostile bytes end in ErrCorrupt.
package audio
