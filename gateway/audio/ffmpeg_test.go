package audio

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// What a child is told is fixed, but for the demuxer's name.
func TestFFmpegArguments(t *testing.T) {
	want := []string{"-hide_banner", "-loglevel", "error", "-protocol_whitelist", "pipe,file", "-f", "mov"}
	if got := input("mov"); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Files that name other files never come to ffmpeg, whatever they are called.
func TestPlaylistsAreNotOpened(t *testing.T) {
	tool := &FFmpeg{ffmpeg: "/nothing/ffmpeg", ffprobe: "/nothing/ffprobe"}
	for _, text := range []string{
		"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
		"ffconcat version 1.0\nfile /etc/passwd\n",
		"<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>",
		"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
		"[playlist]\nFile1=http://198.51.100.1/\n",
	} {
		src := Source{R: strings.NewReader(text), Size: int64(len(text)), Name: "song.m4a"}
		if _, err := Open(context.Background(), src, OpenOptions{FFmpeg: tool}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
