package demo

import (
	"bytes"
	"crypto/md5" //nolint:gosec // STREAMINFO asks for MD5 (RFC 9639 section 8.2)
	"encoding/binary"
	"io"
)

// A small FLAC encoder for what the studio renders: 16 bits, 44.1 kHz, two
// channels (RFC 9639). Each frame takes the better of left/right and its
// mid/side forms, each channel the best of constant, fixed and linear
// prediction, with partitioned Rice codes.

const (
	flacBlock = 4096
	flacRate  = 44100
	flacBits  = 16
)

// Block types of section 8.1.
const (
	blockStreamInfo    = 0
	blockVorbisComment = 4
	blockPicture       = 6
)

// flacFile is what goes into one file.
type flacFile struct {
	left, right []int32 // 16-bit samples
	comments    []string
	cover       []byte // JPEG
	coverSize   int    // pixels a side
}

// writeTo writes the whole file.
func (f flacFile) writeTo(w io.Writer) error {
	var body bytes.Buffer
	enc := newFrameCoder()
	smallest, largest := 1<<30, 0
	for at, n := 0, 0; at < len(f.left); at, n = at+flacBlock, n+1 {
		end := min(at+flacBlock, len(f.left))
		frame := enc.frame(f.left[at:end], f.right[at:end], n)
		smallest, largest = min(smallest, len(frame)), max(largest, len(frame))
		body.Write(frame)
	}
	var head bytes.Buffer
	head.WriteString("fLaC")
	writeBlock(&head, blockStreamInfo, false, f.streamInfo(smallest, largest))
	writeBlock(&head, blockVorbisComment, false, vorbisComment(f.comments))
	writeBlock(&head, blockPicture, true, picture(f.cover, f.coverSize))
	if _, err := w.Write(head.Bytes()); err != nil {
		return err
	}
	_, err := w.Write(body.Bytes())
	return err
}

func writeBlock(b *bytes.Buffer, kind byte, last bool, data []byte) {
	if last {
		kind |= 0x80
	}
	b.Write([]byte{kind, byte(len(data) >> 16), byte(len(data) >> 8), byte(len(data))})
	b.Write(data)
}

// streamInfo writes the block of section 8.2.
func (f flacFile) streamInfo(smallest, largest int) []byte {
	var w bitWriter
	w.bits(flacBlock, 16)
	w.bits(flacBlock, 16)
	w.bits(uint64(smallest), 24)
	w.bits(uint64(largest), 24)
	w.bits(flacRate, 20)
	w.bits(2-1, 3)
	w.bits(flacBits-1, 5)
	w.bits(uint64(len(f.left)), 36)
	return append(w.buf, f.md5()...)
}

// md5 is over the samples as little-endian interleaved 16-bit words.
func (f flacFile) md5() []byte {
	sum := md5.New() //nolint:gosec // see the import
	pcm := make([]byte, 0, 4*flacBlock)
	for at := 0; at < len(f.left); at += flacBlock {
		end := min(at+flacBlock, len(f.left))
		pcm = pcm[:0]
		for i := at; i < end; i++ {
			pcm = binary.LittleEndian.AppendUint16(pcm, uint16(f.left[i]))
			pcm = binary.LittleEndian.AppendUint16(pcm, uint16(f.right[i]))
		}
		sum.Write(pcm)
	}
	return sum.Sum(nil)
}

// vorbisComment writes the block of section 8.6.
func vorbisComment(comments []string) []byte {
	const vendor = "Jumpgate demo"
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(vendor)))
	b = append(b, vendor...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(comments)))
	for _, c := range comments {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c)))
		b = append(b, c...)
	}
	return b
}

// picture writes the block of section 8.8: a front cover.
func picture(jpeg []byte, size int) []byte {
	const mime = "image/jpeg"
	b := binary.BigEndian.AppendUint32(nil, 3) // front cover
	b = binary.BigEndian.AppendUint32(b, uint32(len(mime)))
	b = append(b, mime...)
	b = binary.BigEndian.AppendUint32(b, 0) // no description
	b = binary.BigEndian.AppendUint32(b, uint32(size))
	b = binary.BigEndian.AppendUint32(b, uint32(size))
	b = binary.BigEndian.AppendUint32(b, 24)
	b = binary.BigEndian.AppendUint32(b, 0) // not indexed
	b = binary.BigEndian.AppendUint32(b, uint32(len(jpeg)))
	return append(b, jpeg...)
}
