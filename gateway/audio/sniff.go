package audio

import (
	"bytes"
	"errors"
	"io"
)

// foreign lists what ffmpeg is asked to decode: a signature, where it stands,
// and the one demuxer that may look at the file. ffmpeg is never left to guess.
var foreign = []struct {
	at    int
	magic string
	demux string
}{
	{4, "ftyp", "mov"},
	{0, "OggS", "ogg"},
	{0, "fLaC", "flac"},
	{0, "RIFF", "wav"},
	{0, "RF64", "wav"},
	{0, "FORM", "aiff"},
	{0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", "asf"},
	{0, "MAC ", "ape"},
	{0, "wvpk", "wv"},
	{0, "MPCK", "mpc8"},
	{0, "MP+", "mpc"},
	{0, "TTA1", "tta"},
	{0, "DSD ", "dsf"},
	{0, "caff", "caf"},
	{0, "\x1A\x45\xDF\xA3", "matroska"},
	{0, "ADIF", "aac"},
	{0, "\x0B\x77", "ac3"},
	{0, ".snd", "au"},
	{0, "\x7F\xFE\x80\x01", "dts"},
}

// sniffForeign names the demuxer for a file, or "".
func sniffForeign(src Source) (string, error) {
	head := make([]byte, 16)
	n, err := src.R.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = head[:n]
	if n >= 10 && string(head[:3]) == "ID3" {
		size := int64(head[6]&0x7F)<<21 | int64(head[7]&0x7F)<<14 | int64(head[8]&0x7F)<<7 | int64(head[9]&0x7F)
		head = make([]byte, 16)
		n, err = src.R.ReadAt(head, size+10)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		head = head[:n]
	}
	for _, f := range foreign {
		if len(head) >= f.at && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			return f.demux, nil
		}
	}
	if n >= 4 && head[0] == 0xFF {
		switch {
		case head[1]&0xF6 == 0xF0: // ADTS: layer 0
			return "aac", nil
		case head[1]&0xE0 == 0xE0 && head[1]>>3&3 != 1 && head[1]>>1&3 != 0 && head[2]>>4 != 15:
			return "mp3", nil
		}
	}
	return "", nil
}
