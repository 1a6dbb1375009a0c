package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
)

// openTone opens a file as a track is opened.
func openTone(t *testing.T, path string) audio.Decoder {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := audio.Open(t.Context(), audio.Source{R: file, Size: info.Size(), Name: path}, audio.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return decoder
}

// A conversion reads the same from wherever it is read, and at the file's own
// rate and depth it is the file.
func TestConversionIsOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tone.wav")
	WriteTone(t, path, 440, time.Second)
	original, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []audio.Format{
		{Codec: audio.PCM, Rate: 44100, Channels: 2, Bits: 16},
		{Codec: audio.PCM, Rate: 48000, Channels: 2, Bits: 24},
	} {
		c, err := newConversion(openTone(t, path), format, 1)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := io.ReadAll(c)
		if err != nil || int64(len(whole)) != c.size || c.size != wavHead+int64(format.Rate*format.Channels*format.Bits/8) {
			t.Fatalf("%v: %d bytes of %d, %v", format, len(whole), c.size, err)
		}
		if format.Rate == 44100 && !bytes.Equal(whole, original) {
			t.Errorf("%v: it is not the file that it is made from", format)
		}
		for _, at := range []int64{0, 3, 44, 45, 47, 1001, 99_999, c.size - 5, c.size} {
			if _, err := c.Seek(at, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(iotest.OneByteReader(io.LimitReader(c, 4000)))
			if want := whole[at:min(at+4000, c.size)]; err != nil || !bytes.Equal(rest, want) {
				t.Errorf("%v: from byte %d on it reads differently (%v)", format, at, err)
			}
		}
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}
}

// shortDecoder ends before it said.
type shortDecoder struct {
	audio.Decoder
	frames int64
}

func (d *shortDecoder) Info() audio.Info {
	i := d.Decoder.Info()
	i.Frames = d.frames
	return i
}

// A file whose length was not what it said keeps the length that was announced.
func TestConversionKeepsItsLength(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tone.wav")
	WriteTone(t, path, 440, time.Second)
	format := audio.Format{Codec: audio.PCM, Rate: 44100, Channels: 2, Bits: 16}
	for frames, want := range map[int64]int{
		2 * 44100: wavHead + 4*2*44100, // shorter than it said: silence
		100:       wavHead + 400,       // longer: cut
		-1:        wavHead + 4*66150,   // not known: what the library says
	} {
		c, err := newConversion(&shortDecoder{openTone(t, path), frames}, format, 1.5)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := io.ReadAll(c)
		if err != nil || len(whole) != want {
			t.Errorf("%d frames: %d bytes, %v; want %d", frames, len(whole), err, want)
		}
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}
}

func TestConversionNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"44100-16.wav": true, "96000-24.wav": true, "48000-32.wav": false, "12345-16.wav": false, "44100-16": false,
		"044100-16.wav": false, "+44100-16.wav": false, "44100.wav": false, "": false, "44100-16.wav.wav": false,
	} {
		if _, got := parseConversion(name); got != ok {
			t.Errorf("%q: %v, want %v", name, got, ok)
		}
	}
	f := member.CastFormatsOf("", false, false).Conversion(member.CastSource{Codec: audio.ALAC, Rate: 96000, Bits: 24})
	if back, ok := parseConversion(conversionName(f)); !ok || back != f {
		t.Errorf("%v comes back as %v, %v", f, back, ok)
	}
}

// What a Cast device sends to a media URL is answered as it expects.
func TestConversionOverHTTP(t *testing.T) {
	r := runGateway(t, t.TempDir(), musicFolder(t))
	r.ready()
	var tracks struct{ Items []struct{ ID string } }
	r.do("GET", "/tracks?limit=1", nil, &tracks)
	id := tracks.Items[0].ID
	at := r.g.URL() + r.g.media.signer.Path(convertedFile, id, "48000-16.wav")
	const size = wavHead + 4*48000*20
	ask := func(method, url string, headers ...string) *http.Response {
		t.Helper()
		request, err := http.NewRequestWithContext(context.Background(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		answer, err := r.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if n, err := io.Copy(io.Discard, answer.Body); method == http.MethodGet && answer.StatusCode < 300 && (err != nil || n != answer.ContentLength) {
			t.Errorf("%s: %d bytes of %d, %v", url, n, answer.ContentLength, err)
		}
		return answer
	}
	for _, c := range []struct {
		method, ranges string
		status         int
		length         int64
		answered       string
	}{
		{"GET", "", 200, size, ""},
		{"HEAD", "", 200, size, ""},
		{"GET", "bytes=0-", 206, size, fmt.Sprintf("bytes 0-%d/%d", size-1, size)},
		{"GET", "bytes=1000001-", 206, size - 1000001, fmt.Sprintf("bytes 1000001-%d/%d", size-1, size)},
		{"GET", "bytes=-10", 206, 10, fmt.Sprintf("bytes %d-%d/%d", size-10, size-1, size)},
		{"HEAD", "bytes=100-199", 206, 100, fmt.Sprintf("bytes 100-199/%d", size)},
		{"GET", "bytes=9000000-", 416, -1, fmt.Sprintf("bytes */%d", size)},
	} {
		answer := ask(c.method, at, "Range", c.ranges, "Accept-Encoding", "identity;q=1, *;q=0", "Origin", "https://www.gstatic.com")
		h := answer.Header
		if answer.StatusCode != c.status || c.length >= 0 && answer.ContentLength != c.length || h.Get("Content-Range") != c.answered {
			t.Errorf("%s %s: %s, %d bytes, %q", c.method, c.ranges, answer.Status, answer.ContentLength, h.Get("Content-Range"))
		}
		if c.status < 300 && (h.Get("Content-Type") != "audio/wav" || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Accept-Ranges") != "bytes") {
			t.Errorf("%s %s: headers %v", c.method, c.ranges, h)
		}
	}
	if answer := ask("OPTIONS", at, "Origin", "https://www.gstatic.com", "Access-Control-Request-Headers", "range"); answer.StatusCode != 204 ||
		answer.Header.Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("OPTIONS: %s, %v", answer.Status, answer.Header)
	}
	for url, want := range map[string]int{
		r.g.URL() + r.g.media.signer.Path(convertedFile, id, "8000-16.wav"):        404,
		r.g.URL() + r.g.media.signer.Path(convertedFile, "nobody", "48000-16.wav"): 404,
		r.g.URL() + "/media/AAAAAAAA/converted/" + id + "/48000-16.wav":            403,
	} {
		if answer := ask("GET", url); answer.StatusCode != want {
			t.Errorf("%s: %s, want %d", url, answer.Status, want)
		}
	}
	for range maxConversions {
		r.g.media.conversions <- struct{}{}
	}
	if answer := ask("GET", at); answer.StatusCode != 503 || answer.Header.Get("Retry-After") == "" {
		t.Errorf("one conversion too many: %s", answer.Status)
	}
}
