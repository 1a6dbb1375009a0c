package member

import (
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

func TestCastFormats(t *testing.T) {
	pcm := func(rate, bits int) audio.Format {
		return audio.Format{Codec: audio.PCM, Rate: rate, Channels: 2, Bits: bits}
	}
	src := func(codec audio.Codec, container string, rate, bits int) CastSource {
		return CastSource{Codec: codec, Container: container, Rate: rate, Channels: 2, Bits: bits}
	}
	flac := func(rate, bits int) CastSource { return src(audio.FLAC, "flac", rate, bits) }
	for _, c := range []struct {
		name    string
		model   string
		group   bool
		hiRes   bool
		refused []audio.Codec
		source  CastSource
		served  string       // the content type of the original, or
		convert audio.Format // what it is converted to
	}{
		{name: "CD in FLAC", source: flac(44100, 16), served: "audio/flac"},
		{name: "DVD in FLAC", source: flac(48000, 16), served: "audio/flac"},
		{name: "24 bit FLAC is not safe", source: flac(44100, 24), convert: pcm(44100, 16)},
		{name: "96 kHz is not safe", source: flac(96000, 24), convert: pcm(48000, 16)},
		{name: "88.2 kHz keeps its family", source: flac(88200, 24), convert: pcm(44100, 16)},
		{name: "hi-res", model: "Chromecast Audio", hiRes: true, source: flac(96000, 24), served: "audio/flac"},
		{name: "hi-res on a model that we do not know", model: "Some Streamer", hiRes: true, source: flac(88200, 24), served: "audio/flac"},
		{name: "hi-res, beyond what Cast plays", model: "Chromecast Audio", hiRes: true, source: flac(192000, 24), convert: pcm(96000, 24)},
		{name: "hi-res, 176.4 kHz", hiRes: true, source: flac(176400, 24), convert: pcm(88200, 24)},
		{name: "hi-res behind HDMI", model: "Chromecast", hiRes: true, source: flac(96000, 24), convert: pcm(48000, 24)},
		{name: "hi-res behind HDMI, 24 bit", model: "Chromecast", hiRes: true, source: flac(48000, 24), served: "audio/flac"},
		{name: "hi-res is not for groups", hiRes: true, group: true, source: flac(96000, 24), convert: pcm(48000, 16)},
		{name: "a group by its model", model: "Google Cast Group", hiRes: true, source: flac(48000, 24), convert: pcm(48000, 16)},
		{name: "MP3", source: src(audio.MP3, "mp3", 44100, 0), served: "audio/mpeg"},
		{name: "WAV", source: src(audio.PCM, "wav", 48000, 16), served: "audio/wav"},
		{name: "WAV of 32 bit floats", hiRes: true, source: src(audio.PCM, "wav", 48000, 32), convert: pcm(48000, 24)},
		{name: "AIFF", source: src(audio.PCM, "aiff", 44100, 16), convert: pcm(44100, 16)},
		{name: "AAC in MP4", source: src(audio.AAC, "m4a", 44100, 0), served: "audio/mp4"},
		{name: "AAC without a container", source: src(audio.AAC, "aac", 44100, 0), convert: pcm(44100, 16)},
		{name: "ALAC", source: src(audio.ALAC, "m4a", 44100, 16), convert: pcm(44100, 16)},
		{name: "ALAC, hi-res", hiRes: true, source: src(audio.ALAC, "m4a", 96000, 24), convert: pcm(96000, 24)},
		{name: "Opus", source: src(audio.Opus, "opus", 48000, 0), served: "audio/ogg"},
		{name: "Opus in WebM", source: src(audio.Opus, "webm", 48000, 0), served: "audio/webm"},
		{name: "Vorbis", source: src(audio.Vorbis, "ogg", 44100, 0), served: "audio/ogg"},
		{name: "FLAC in Ogg", source: src(audio.FLAC, "oga", 44100, 16), convert: pcm(44100, 16)},
		{name: "WMA", source: src("wmav2", "wma", 44100, 0), convert: pcm(44100, 16)},
		{name: "an odd rate", source: src("wmav2", "wma", 11025, 0), convert: pcm(48000, 16)},
		{name: "refused by the device", refused: []audio.Codec{audio.Vorbis}, source: src(audio.Vorbis, "ogg", 44100, 0), convert: pcm(44100, 16)},
		{name: "another refused", refused: []audio.Codec{audio.Vorbis}, source: flac(44100, 16), served: "audio/flac"},
		{name: "5.1", source: CastSource{Codec: audio.FLAC, Container: "flac", Rate: 48000, Channels: 6, Bits: 16}, convert: pcm(48000, 16)},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := CastFormatsOf(c.model, c.group, c.hiRes, c.refused...)
			served, ok := f.Plays(c.source)
			if ok != (c.served != "") || ok && served != c.served {
				t.Errorf("plays it as %q, %v; want %q", served, ok, c.served)
			}
			got := f.Conversion(c.source)
			if !ok && got != c.convert {
				t.Errorf("converted to %v, want %v", got, c.convert)
			}
			if !CastConversion(got) {
				t.Errorf("%v is no conversion that is served", got)
			}
		})
	}
}
