// Package certify plays test sequences at one hardware player, ours or anyone's,
// and scores it: handshake, formats, volume, clock, underruns under jitter and
// through a stall, coming back after a cut, the choice between servers, the memory of
// a pairing.
//
// It owns two servers of its own and a link with a fault to the player. It only
// knows what the player says over the protocol: that it was out of step or went
// away, not how it sounded. Sound itself is for a microphone.
package certify
