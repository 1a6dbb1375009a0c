package wire

import (
	"encoding/binary"
	"fmt"
)

// MaxArtwork is the longest artwork message of the current dialect, in bytes: it
// goes out in one transport message.
const MaxArtwork = 65519

// The flags of artwork messages of the current dialect, and the length of an
// announce (roles/artwork/v1.md, "Artwork (Binary)").
const (
	artworkCancel   byte = 1 << 0
	artworkAnnounce byte = 1 << 1
	announceLen          = 14
)

// AppendAnnounce appends the announce of an image of size bytes that is shown on
// a channel from at on, µs of the server's clock. Size 0 takes the image away.
func AppendAnnounce(dst []byte, channel int, at int64, size int) []byte {
	dst = append(dst, ArtworkSlot+byte(channel), artworkAnnounce)
	dst = binary.BigEndian.AppendUint64(dst, uint64(at))
	return binary.BigEndian.AppendUint32(dst, uint32(size))
}

// AppendPart appends a part of the announced image.
func AppendPart(dst []byte, channel int, data []byte) []byte {
	return append(append(dst, ArtworkSlot+byte(channel), 0), data...)
}

// AppendCancel appends the message that takes back an image that is not shown
// yet.
func AppendCancel(dst []byte, channel int) []byte {
	return append(dst, ArtworkSlot+byte(channel), artworkCancel)
}

// ArtworkMessage is an artwork message of the current dialect.
type ArtworkMessage struct {
	Channel  int
	Cancel   bool
	Announce bool
	At       int64  // of an announce
	Size     uint32 // of an announce
	Data     []byte // of a part; not a copy
}

// ParseArtwork reads an artwork message of the current dialect.
func ParseArtwork(message []byte) (ArtworkMessage, error) {
	bad := func(what string) (ArtworkMessage, error) {
		return ArtworkMessage{}, fmt.Errorf("%w: artwork message: %s", ErrMalformed, what)
	}
	if len(message) < 2 || len(message) > MaxArtwork || message[0] < ArtworkSlot || message[0] > ArtworkSlot+3 {
		return bad(fmt.Sprintf("%d bytes", len(message)))
	}
	m := ArtworkMessage{Channel: int(message[0] - ArtworkSlot)}
	switch message[1] {
	case 0:
		m.Data = message[2:]
	case artworkCancel:
		m.Cancel = true
		if len(message) != 2 {
			return bad("a cancel with data")
		}
	case artworkAnnounce:
		m.Announce = true
		if len(message) != announceLen {
			return bad("length of an announce")
		}
		m.At = int64(binary.BigEndian.Uint64(message[2:10]))
		m.Size = binary.BigEndian.Uint32(message[10:14])
	default:
		return bad("flags")
	}
	return m, nil
}
