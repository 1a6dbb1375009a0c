package tags

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"unicode/utf16"
)

// What follows writes tags as the formats' documents say, for the tests.

type named struct {
	id   string
	body []byte
}

func text(id string, enc byte, b string) named { return named{id, append([]byte{enc}, b...)} }

func utf16le(s string) string {
	b := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func safe(n int) []byte {
	return []byte{byte(n >> 21 & 0x7F), byte(n >> 14 & 0x7F), byte(n >> 7 & 0x7F), byte(n & 0x7F)}
}

func id3v2(version byte, flags byte, frames ...named) []byte {
	var body bytes.Buffer
	for _, f := range frames {
		body.WriteString(f.id)
		switch version {
		case 2:
			body.Write([]byte{byte(len(f.body) >> 16), byte(len(f.body) >> 8), byte(len(f.body))})
		case 3:
			body.Write(binary.BigEndian.AppendUint32(nil, uint32(len(f.body))))
			body.Write([]byte{0, 0})
		case 4:
			body.Write(safe(len(f.body)))
			body.Write([]byte{0, 0})
		}
		body.Write(f.body)
	}
	body.Write(make([]byte, 20))
	b := body.Bytes()
	if flags&tagUnsync != 0 && version < 4 {
		b = bytes.ReplaceAll(b, []byte{0xFF}, []byte{0xFF, 0})
	}
	return append(append([]byte{'I', 'D', '3', version, 0, flags}, safe(len(b))...), b...)
}

func id3v1(title, artist string, track, genre byte) []byte {
	b := make([]byte, 128)
	copy(b, "TAG")
	copy(b[3:33], title)
	copy(b[33:63], artist)
	copy(b[93:], "1987")
	b[126], b[127] = track, genre
	return b
}

func comments(list ...string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 4)
	b = append(b, "test"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
	for _, c := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c)))
		b = append(b, c...)
	}
	return b
}

func pictureOf(kind uint32, mime string, image []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, kind)
	b = binary.BigEndian.AppendUint32(b, uint32(len(mime)))
	b = append(b, mime...)
	b = binary.BigEndian.AppendUint32(b, 2)
	b = append(b, "de"...)
	b = append(b, make([]byte, 16)...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(image)))
	return append(b, image...)
}

func flac(blocks ...named) []byte {
	b := append([]byte("fLaC"), 0, 0, 0, 34)
	b = append(b, make([]byte, 34)...)
	for i, k := range blocks {
		kind := k.id[0]
		if i == len(blocks)-1 {
			kind |= 0x80
		}
		n := len(k.body)
		b = append(b, kind, byte(n>>16), byte(n>>8), byte(n))
		b = append(b, k.body...)
	}
	return b
}

func ogg(packets ...[]byte) []byte {
	var out []byte
	for i, p := range packets {
		for first := true; first || len(p) > 0; first = false {
			var lacing, payload []byte
			for len(lacing) < 255 {
				n := min(len(p), 255)
				lacing, payload, p = append(lacing, byte(n)), append(payload, p[:n]...), p[n:]
				if n < 255 {
					break
				}
			}
			h := append([]byte("OggS"), make([]byte, 23)...)
			h[14], h[26] = 7, byte(len(lacing))
			h[18] = byte(i)
			page := append(append(h, lacing...), payload...)
			binary.LittleEndian.PutUint32(page[22:], crc32.ChecksumIEEE(page)) // not Ogg's polynomial: not looked at
			out = append(out, page...)
			if lacing[len(lacing)-1] < 255 {
				break
			}
		}
	}
	return out
}

func opus(list ...string) []byte {
	return ogg([]byte("OpusHead\x01\x02\x38\x01\x80\xBB\x00\x00\x00\x00\x00"), append([]byte("OpusTags"), comments(list...)...), []byte("audio"))
}

func encoded(picture []byte) string {
	return "METADATA_BLOCK_PICTURE=" + base64.StdEncoding.EncodeToString(picture)
}

func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))
	return append(append(b, kind...), body...)
}

func item(kind string, value []byte) []byte {
	return box(kind, box("data", make([]byte, 8), value))
}

func freeform(name, value string) []byte {
	return box("----", box("mean", make([]byte, 4), []byte("com.apple.iTunes")), box("name", make([]byte, 4), []byte(name)),
		box("data", make([]byte, 8), []byte(value)))
}

func mp4(items ...[]byte) []byte {
	return bytes.Join([][]byte{
		box("ftyp", []byte("M4A \x00\x00\x00\x00")), box("free", make([]byte, 100)),
		box("moov", box("mvhd", make([]byte, 50)), box("udta", box("meta", make([]byte, 4), box("hdlr", make([]byte, 25)), box("ilst", items...)))),
		box("mdat", make([]byte, 500)),
	}, nil)
}

func riff(chunks ...named) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WAVE")
	for _, c := range chunks {
		b = append(b, c.id...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c.body)))
		b = append(b, c.body...)
		if len(c.body)%2 == 1 {
			b = append(b, 0)
		}
	}
	return b
}

// aiff is riff with its numbers the other way round.
func aiff(chunks ...named) []byte {
	b := []byte("FORM\x00\x00\x00\x00AIFF")
	for _, c := range chunks {
		b = append(b, c.id...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(c.body)))
		b = append(b, c.body...)
		if len(c.body)%2 == 1 {
			b = append(b, 0)
		}
	}
	return b
}

// wide is a text as ASF has it, with the zero at its end.
func wide(s string) []byte { return append([]byte(utf16le(s)[2:]), 0, 0) }

func asfPart(id string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	b := binary.LittleEndian.AppendUint64([]byte(id), uint64(asfHead+len(body)))
	return append(b, body...)
}

func asf(parts ...[]byte) []byte {
	head := append(binary.LittleEndian.AppendUint32(nil, uint32(len(parts))), 1, 2)
	return append(asfPart(asfHeader, append([][]byte{head}, parts...)...), make([]byte, 500)...)
}

func asfDescription(title, author string) []byte {
	var lengths, texts []byte
	for _, s := range []string{title, author, "copyright", "", ""} {
		b := wide(s)
		lengths, texts = binary.LittleEndian.AppendUint16(lengths, uint16(len(b))), append(texts, b...)
	}
	return asfPart(asfContent, lengths, texts)
}

// asfValue is one attribute.
type asfValue struct {
	name  string
	kind  uint16
	value []byte
}

func asfAttributes(values ...asfValue) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(len(values)))
	for _, v := range values {
		name := wide(v.name)
		b = append(binary.LittleEndian.AppendUint16(b, uint16(len(name))), name...)
		b = binary.LittleEndian.AppendUint16(b, v.kind)
		b = append(binary.LittleEndian.AppendUint16(b, uint16(len(v.value))), v.value...)
	}
	return asfPart(asfExtended, b)
}

func asfLibrary(values ...asfValue) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(len(values)))
	for _, v := range values {
		name := wide(v.name)
		b = append(b, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
		b = binary.LittleEndian.AppendUint16(b, v.kind)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v.value)))
		b = append(append(b, name...), v.value...)
	}
	library := asfPart(asfMetaLibrary, b)
	return asfPart(asfExtension, make([]byte, 18), binary.LittleEndian.AppendUint32(nil, uint32(len(library))), library)
}

func asfPicture(kind byte, image []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(image)))
	return append(append(append(b, wide("image/jpeg")...), wide("front")...), image...)
}
