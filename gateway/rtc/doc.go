// Package rtc serves live audio to browsers over WebRTC by WHEP
// (draft-ietf-wish-whep): an offer by POST, an answer with 201, trickled
// candidates by PATCH, the end by DELETE.
//
// It owns the peer connections, the one UDP port that they share, and the pace
// at which packets leave: WebRTC plays what arrives, so each packet is sent
// when its time comes. It does not encode, and knows no zones: whoever makes a
// Server says with Config.Join what a new session listens to.
package rtc
