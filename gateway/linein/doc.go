// Package linein turns sound that comes in as it happens, from a device's own
// input, into something that a zone plays like a track: an [Input] is written
// captured samples and is an audio.Decoder that has no end until the input does.
//
// The device's clock is not ours. An Input hands out samples at its own clock's pace
// and keeps a buffer against the network's jitter; where that grows or shrinks, short
// pieces are stretched by one sample, which nobody hears. Everything outside those
// pieces comes out as it went in.
package linein
