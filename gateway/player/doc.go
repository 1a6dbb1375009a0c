// Package player is the software player: behind `jumpgate player`, and the
// built-in player of `jumpgate serve`. It is an ordinary Sendspin client that
// decodes PCM, FLAC and Opus, plays each sample at its time, and hands the
// result to an Output: the sound card (through the system's own pw-play or
// aplay), a WAV file, or nothing but the level meter that every player has.
//
// It owns playout: silence in gaps, late samples dropped, drift taken up by
// single samples, volume and mute in software, restarting the output on a
// clear, and the figures about all that. It does not own the protocol (package
// devices/sendspin/client) nor which server is found (package devices/mdns).
package player
