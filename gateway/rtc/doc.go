// Package rtc gives live audio to browsers over WebRTC by WHEP
// (draft-ietf-wish-whep), and takes it from them by WHIP (RFC 9725): an offer by
// POST, an answer with 201, trickled candidates by PATCH, the end by DELETE.
//
// It owns the peer connections, the one UDP port that they share, the pace
// at which packets leave (WebRTC plays what arrives, so each packet is sent
// when its time comes), and the order of those that come. It neither encodes nor
// decodes, and knows no zones: whoever makes a Server says with Config.Join what a new
// session listens to, and with Config.Publish who takes what one sends.
package rtc
