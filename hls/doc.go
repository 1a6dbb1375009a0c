// Package hls is an HLS origin for audio: it puts coded frames into fragmented
// MP4 (ISO/IEC 14496-12, CMAF), cuts them into segments and parts, and serves
// playlists, live with low latency and on demand, by RFC 8216 and its successor
// draft-pantos-hls-rfc8216bis.
//
// A Live is fed frames as they are encoded; a VOD cuts segments out of a file
// on request, without a copy. Both are http.Handlers that may be mounted
// anywhere: http.Handle("/live/", stream) is enough. The package encodes nothing,
// reads no clock but the one it is given, and imports nothing of the rest of this
// project.
package hls
