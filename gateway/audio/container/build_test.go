package container_test

import (
	"bytes"
	"encoding/binary"
)

// The files of these tests are put together here, byte by byte from the
// specifications, so that the parsers meet what other programs do not write.

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

func sum(b []byte, poly uint64, width uint) (c uint64) {
	top := uint64(1) << (width - 1)
	for _, x := range b {
		c ^= uint64(x) << (width - 8)
		for range 8 {
			if c&top != 0 {
				c = c<<1 ^ poly
			} else {
				c <<= 1
			}
		}
		c &= top<<1 - 1
	}
	return c
}

// flacFile makes mono 16-bit FLAC of verbatim subframes.
func flacFile(total int64, blocks ...int) []byte {
	var b bytes.Buffer
	b.WriteString("fLaC")
	b.Write([]byte{0, 0, 0, 34})
	info := make([]byte, 34)
	be.PutUint16(info, 16)
	be.PutUint16(info[2:], 4096)
	rate, bits := uint64(44100), uint64(16)
	be.PutUint64(info[10:], rate<<44|0<<41|(bits-1)<<36|uint64(total))
	b.Write(info)
	b.Write([]byte{0x81, 0, 0, 5, 1, 2, 3, 4, 5}) // padding, the last block
	at := 0
	for _, n := range blocks {
		b.Write(flacFrame(at, n))
		at += n
	}
	return b.Bytes()
}

func flacFrame(at, n int) []byte {
	f := []byte{0xFF, 0xF9, 0x70, 0x08} // variable block size, 16 bits of it
	f = append(f, []byte(string(rune(at)))...)
	f = be.AppendUint16(f, uint16(n-1))
	f = append(f, byte(sum(f, 0x07, 8)))
	f = append(f, 0x02) // verbatim
	for i := range n {
		// Samples that look like sync codes.
		f = be.AppendUint16(f, uint16(0xFFF8+i%2))
	}
	return be.AppendUint16(f, uint16(sum(f, 0x8005, 16)))
}

// page makes an Ogg page.
func page(flags byte, granule int64, serial, seq uint32, lacing []byte, body []byte) []byte {
	p := append([]byte("OggS"), 0, flags)
	p = le.AppendUint64(p, uint64(granule))
	p = le.AppendUint32(p, serial)
	p = le.AppendUint32(p, seq)
	p = le.AppendUint32(p, 0)
	p = append(p, byte(len(lacing)))
	p = append(p, lacing...)
	p = append(p, body...)
	le.PutUint32(p[22:], uint32(sum(p, 0x04C11DB7, 32)))
	return p
}

// opusFileBytes makes packets of 20 ms; the second is spread over two pages.
func opusFileBytes(last int64) []byte {
	head := append([]byte("OpusHead"), 1, 2)
	head = le.AppendUint16(head, 312)
	head = le.AppendUint32(head, 44100)
	head = append(head, 0, 0, 0)
	tags := append([]byte("OpusTags"), 0, 0, 0, 0, 0, 0, 0, 0)
	long := bytes.Repeat([]byte{0xFC}, 600) // CELT, 20 ms, stereo
	short := bytes.Repeat([]byte{0xFC}, 100)
	var b bytes.Buffer
	b.Write(page(2, 0, 7, 0, []byte{19}, head))
	b.Write(page(0, 0, 7, 1, []byte{16}, tags))
	b.Write(page(0, 960, 7, 2, []byte{100, 255, 255}, append(bytes.Clone(short), long[:510]...)))
	b.Write(page(2, 0, 9, 0, []byte{1}, []byte{0})) // another stream between
	b.Write(page(1, 1920, 7, 3, []byte{90}, long[510:]))
	b.Write(page(4, last, 7, 4, []byte{100}, short))
	return b.Bytes()
}

// mp3Bytes makes n frames of 128 kbit/s behind an ID3 tag, with a LAME tag.
func mp3Bytes(n int, lame bool) []byte {
	var b bytes.Buffer
	b.WriteString("ID3\x04\x00\x00\x00\x00\x00\x0A")
	b.Write(make([]byte, 10))
	frame := make([]byte, 417)
	copy(frame, []byte{0xFF, 0xFB, 0x90, 0x00})
	if lame {
		x := bytes.Clone(frame)
		copy(x[36:], "Info\x00\x00\x00\x01")
		be.PutUint32(x[44:], uint32(n))
		copy(x[48:], "LAME3.100")
		x[48+21], x[48+22], x[48+23] = 0x24, 0x04, 0x00 // 576 and 1024
		b.Write(x)
	}
	for range n {
		b.Write(frame)
	}
	b.WriteString("TAG")
	b.Write(make([]byte, 125))
	return b.Bytes()
}

// wavBytes makes a WAV file; claim is what its data chunk says its size is.
func wavBytes(tag, channels, bits, frames int, claim uint32) []byte {
	format := le.AppendUint16(nil, uint16(tag))
	format = le.AppendUint16(format, uint16(channels))
	format = le.AppendUint32(format, 44100)
	format = le.AppendUint32(format, uint32(44100*channels*bits/8))
	format = le.AppendUint16(format, uint16(channels*bits/8))
	format = le.AppendUint16(format, uint16(bits))
	if tag == 0xFFFE {
		format = le.AppendUint16(format, 22)
		format = le.AppendUint16(format, uint16(bits))
		format = le.AppendUint32(format, 3)
		format = append(format, 1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71)
	}
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	b = append(b, "WAVELIST\x03\x00\x00\x00abc\x00fmt "...)
	b = le.AppendUint32(b, uint32(len(format)))
	b = append(b, format...)
	b = append(b, "data"...)
	b = le.AppendUint32(b, claim)
	return append(b, make([]byte, frames*channels*bits/8)...)
}

func mkbox(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	b := be.AppendUint32(nil, uint32(len(body)+8))
	b = append(b, kind...)
	return append(b, body...)
}

func words(v ...uint32) []byte {
	var b []byte
	for _, x := range v {
		b = be.AppendUint32(b, x)
	}
	return b
}

// m4aBytes makes an AAC track of five frames in two chunks, the moov box
// behind the media.
func m4aBytes(smpb string) []byte {
	ftyp := mkbox("ftyp", []byte("M4A \x00\x00\x00\x00"))
	mdat := mkbox("mdat", make([]byte, 60))
	at := uint32(len(ftyp) + 8)
	esds := mkbox("esds", words(0), []byte{
		3, 25, 0, 1, 0,
		4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		5, 2, 0x12, 0x10,
	})
	entry := make([]byte, 28)
	be.PutUint16(entry[16:], 2)
	be.PutUint16(entry[18:], 16)
	be.PutUint32(entry[24:], 44100<<16)
	stbl := mkbox("stbl",
		mkbox("stsd", words(0, 1), mkbox("mp4a", entry, esds)),
		mkbox("stts", words(0, 2, 4, 1024, 1, 1000)),
		mkbox("stsc", words(0, 2, 1, 3, 1, 2, 2, 1)),
		mkbox("stsz", words(0, 0, 5, 10, 11, 12, 13, 14)),
		mkbox("stco", words(0, 2, at, at+33)))
	trak := mkbox("trak",
		mkbox("edts", mkbox("elst", words(0, 1, 90, 1024, 0x10000))),
		mkbox("mdia",
			mkbox("mdhd", words(0, 0, 0, 44100, 5096, 0)),
			mkbox("hdlr", words(0, 0), []byte("soun"), make([]byte, 13)),
			mkbox("minf", stbl)))
	parts := [][]byte{mkbox("mvhd", words(0, 0, 0, 1000, 90)), trak}
	if smpb != "" {
		item := mkbox("----", mkbox("mean", words(0), []byte("com.apple.iTunes")),
			mkbox("name", words(0), []byte("iTunSMPB")), mkbox("data", words(1, 0), []byte(smpb)))
		parts = append(parts, mkbox("udta", mkbox("meta", words(0), mkbox("ilst", item))))
	}
	return bytes.Join([][]byte{ftyp, mdat, mkbox("moov", parts...)}, nil)
}

// adtsBytes makes n frames of ADTS with bodies of 20 bytes.
func adtsBytes(n int) []byte {
	frame := make([]byte, 27)
	copy(frame, []byte{0xFF, 0xF1, 0x50, 0x80, 27 >> 3, 27&7<<5 | 0x1F, 0xFC})
	return bytes.Repeat(frame, n)
}
