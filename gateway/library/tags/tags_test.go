package tags

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

var jpegBytes = append([]byte("\xFF\xD8\xFF\xE0 a picture \xFF\x00\xFF\xD9"), make([]byte, 300)...)

// plainTags is Tags with its picture as bytes.
func readAll(t *testing.T, file []byte) (Tags, string, error) {
	t.Helper()
	got, err := Read(bytes.NewReader(file), int64(len(file)))
	image := ""
	if p, ok := got.Cover(); ok {
		b, err := io.ReadAll(p.Open())
		if err != nil {
			t.Fatal(err)
		}
		image = string(b)
	}
	got.Pictures = nil
	return got, image, err
}

func apic(enc byte, mime string, kind byte, desc string, image []byte) named {
	return named{"APIC", append([]byte(string([]byte{enc})+mime+"\x00"+string([]byte{kind})+desc), image...)}
}

func TestRead(t *testing.T) {
	tests := []struct {
		name  string
		file  []byte
		want  Tags
		cover bool
	}{
		{
			name: "flac", cover: true, file: flac(
				named{"\x04", comments("TITLE=Jóga", "artist=Björk", "Album=Homogenic", "ALBUMARTIST=Björk Guðmundsdóttir", "GENRE=Pop", "GENRE=Electronic; pop",
					"DATE=1997-09-22", "TRACKNUMBER=2", "TRACKTOTAL=10", "DISCNUMBER=1/2", "MOOD=Epic", "REPLAYGAIN_TRACK_GAIN=-7.30 dB",
					"REPLAYGAIN_TRACK_PEAK=0.98", "REPLAYGAIN_ALBUM_GAIN=+1,5 dB", "bad", "=", "REPLAYGAIN_ALBUM_PEAK=x")},
				named{"\x06", pictureOf(4, "image/jpeg", []byte("back"))}, named{"\x06", pictureOf(3, "image/jpeg", jpegBytes)}),
			want: Tags{
				Title: "Jóga", Artist: "Björk", Album: "Homogenic", AlbumArtist: "Björk Guðmundsdóttir", Genres: []string{"Pop", "Electronic"}, Mood: "Epic",
				Year: 1997, Disc: 1, Discs: 2, Number: 2, Numbers: 10, Gain: Gain{Track: -7.3, TrackPeak: 0.98, Album: 1.5},
			},
		},
		{
			name: "opus", cover: true, file: opus("TITLE=봄날", "ARTIST=방탄소년단", "R128_TRACK_GAIN=-1280", "R128_ALBUM_GAIN=256", encoded(pictureOf(3, "image/jpeg", jpegBytes))),
			want: Tags{Title: "봄날", Artist: "방탄소년단", Gain: Gain{Track: 0, Album: 6}},
		},
		{
			name: "works and artists, flac", file: flac(named{"\x04", comments("TITLE=II. Andante", "COMPOSER=Ravel", "WORK=Trio", "MOVEMENT=2", "MOVEMENTNAME=Andante", "ARTISTSORT=IU",
				"MUSICBRAINZ_ARTISTID=b9545342-1e6d-4dae-84ac-013374ad8d7c", "MUSICBRAINZ_ARTISTID=B9545342-1E6D-4DAE-84AC-013374AD8D7C", "MUSICBRAINZ_ARTISTID=x")}),
			want: Tags{Title: "II. Andante", Composer: "Ravel", Work: "Trio", Movement: 2, ArtistSort: "IU", ArtistIDs: []string{"b9545342-1e6d-4dae-84ac-013374ad8d7c"}},
		},
		{
			name: "works and artists, mp4", file: mp4(item("\xA9wrt", []byte("Ravel")), item("\xA9wrk", []byte("Trio")), item("\xA9mvi", []byte{0, 2}), item("soar", []byte("IU")),
				freeform("MusicBrainz Artist Id", "b9545342-1e6d-4dae-84ac-013374ad8d7c")),
			want: Tags{Composer: "Ravel", Work: "Trio", Movement: 2, ArtistSort: "IU", ArtistIDs: []string{"b9545342-1e6d-4dae-84ac-013374ad8d7c"}},
		},
		{
			name: "works and artists, id3v2.4", file: id3v2(4, 0, text("TCOM", 3, "Ravel"), text("MVIN", 3, "2/4"), text("TSOP", 3, "IU"), text("TXXX", 3, "WORK\x00Trio"),
				text("TXXX", 3, "MusicBrainz Artist Id\x00b9545342-1e6d-4dae-84ac-013374ad8d7c/0383dadf-2a4e-4d10-a46a-e9e041da8eb3")),
			want: Tags{
				Composer: "Ravel", Work: "Trio", Movement: 2, ArtistSort: "IU",
				ArtistIDs: []string{"b9545342-1e6d-4dae-84ac-013374ad8d7c", "0383dadf-2a4e-4d10-a46a-e9e041da8eb3"},
			},
		},
		{name: "opus over several pages", file: opus("TITLE=x", "COMMENT="+strings.Repeat("y", 200_000), "ARTIST=z"), want: Tags{Title: "x", Artist: "z"}},
		{
			name: "mp4", cover: true, file: mp4(item("\xA9nam", []byte("夜に")), item("\xA9ART", []byte("A")), item("aART", []byte("B")), item("\xA9alb", []byte("C")),
				item("\xA9day", []byte("2019-12-15T08:00:00Z")), item("trkn", []byte{0, 0, 0, 3, 0, 12, 0, 0}), item("disk", []byte{0, 0, 0, 1, 0, 2}),
				item("gnre", []byte{0, 18}), freeform("replaygain_track_gain", "-3.00 dB"), freeform("MOOD", "calm"), item("covr", jpegBytes)),
			want: Tags{
				Title: "夜に", Artist: "A", AlbumArtist: "B", Album: "C", Year: 2019, Number: 3, Numbers: 12, Disc: 1, Discs: 2, Genres: []string{"Rock"},
				Mood: "calm", Gain: Gain{Track: -3},
			},
		},
		{
			name: "id3v2.3", cover: true, file: id3v2(3, 0, text("TIT2", 1, utf16le("사랑")), text("TPE1", 0, "Bj\xF6rk\x00"), text("TALB", 3, "Alb"), text("TRCK", 0, "3/12"),
				text("TPOS", 0, "1/2"), text("TYER", 0, "1999"), text("TCON", 0, "(17)(9)"), apic(1, "image/jpeg", 3, "\xFF\xFEd\x00\x00\x00", jpegBytes),
				text("TXXX", 0, "replaygain_track_gain\x00-6.5 dB"), text("TXXX", 1, utf16le("MOOD")+"\x00\x00"+utf16le("Sad"))),
			want: Tags{Title: "사랑", Artist: "Björk", Album: "Alb", Number: 3, Numbers: 12, Disc: 1, Discs: 2, Year: 1999, Genres: []string{"Rock", "Metal"}, Mood: "Sad", Gain: Gain{Track: -6.5}},
		},
		{name: "id3v2.3 unsynchronised", cover: true, file: id3v2(3, tagUnsync, text("TIT2", 1, utf16le("ÿb")), apic(0, "image/jpeg", 3, "\x00", jpegBytes)), want: Tags{Title: "ÿb"}},
		{
			name: "id3v2.4", file: id3v2(4, 0, text("TIT2", 3, "T"), text("TPE2", 3, "AA"), text("TDRC", 3, "2001-02"), text("TCON", 3, "Rock\x00Jazz\x0017"), text("TMOO", 2, "\x00m")),
			want: Tags{Title: "T", AlbumArtist: "AA", Year: 2001, Genres: []string{"Rock", "Jazz"}, Mood: "m"},
		},
		{name: "id3v2.2", cover: true, file: id3v2(2, 0, text("TT2", 0, "T"), text("TP1", 0, "A"), text("TRK", 0, "7"),
			named{"PIC", append([]byte("\x00JPG\x03desc\x00"), jpegBytes...)}), want: Tags{Title: "T", Artist: "A", Number: 7}},
		{
			name: "id3v1", file: append(make([]byte, 1000), id3v1("A title", "Somebody", 9, 17)...),
			want: Tags{Title: "A title", Artist: "Somebody", Year: 1987, Number: 9, Genres: []string{"Rock"}},
		},
		{
			name: "id3v2 and v1", file: append(id3v2(3, 0, text("TIT2", 0, "A longer title")), id3v1("A long", "Somebody", 0, 255)...),
			want: Tags{Title: "A longer title", Artist: "Somebody", Year: 1987},
		},
		{name: "id3 before flac", file: append(id3v2(3, 0, text("TIT2", 0, "Out")), flac(named{"\x04", comments("ARTIST=In")})...), want: Tags{Title: "Out", Artist: "In"}},
		{name: "wav with INFO", file: riff(named{"fmt ", make([]byte, 16)}, named{"data", make([]byte, 333)},
			named{"LIST", []byte("INFOINAM\x06\x00\x00\x00\xBB\xE7\xB6\xFB\x00\x00IART\x02\x00\x00\x00A\x00")}), want: Tags{Title: "사랑", Artist: "A"}},
		{name: "wav with ID3", file: riff(named{"data", make([]byte, 33)}, named{"id3 ", id3v2(3, 0, text("TIT2", 0, "W"))}), want: Tags{Title: "W"}},
		{name: "aiff with ID3", file: aiff(named{"NAME", []byte("N")}, named{"SSND", make([]byte, 33)}, named{"ID3 ", id3v2(3, 0, text("TIT2", 0, "W"))}), want: Tags{Title: "W"}},
		{
			name: "aiff with text chunks", file: aiff(named{"COMM", make([]byte, 18)}, named{"NAME", []byte("\xBB\xE7\xB6\xFB")}, named{"AUTH", []byte("A\x00")}),
			want: Tags{Title: "사랑", Artist: "A"},
		},
		{
			name: "asf", cover: true, file: asf(asfDescription("夜に", "A"), asfAttributes(
				asfValue{"WM/AlbumTitle", asfText, wide("C")}, asfValue{"WM/AlbumArtist", asfText, wide("B")}, asfValue{"WM/TrackNumber", asfDword, []byte{3, 0, 0, 0}},
				asfValue{"WM/PartOfSet", asfText, wide("1/2")}, asfValue{"WM/Year", asfText, wide("1999")}, asfValue{"WM/Genre", asfText, wide("Rock")},
				asfValue{"WM/Genre", asfText, wide("Jazz")}, asfValue{"replaygain_track_gain", asfText, wide("-3.00 dB")}, asfValue{"WM/Mood", asfText, wide("calm")},
				asfValue{"IsVBR", 2, make([]byte, 4)}, asfValue{"WM/Picture", asfBytes, asfPicture(3, jpegBytes)})),
			want: Tags{
				Title: "夜に", Artist: "A", AlbumArtist: "B", Album: "C", Year: 1999, Number: 3, Disc: 1, Discs: 2, Genres: []string{"Rock", "Jazz"},
				Mood: "calm", Gain: Gain{Track: -3},
			},
		},
		{
			name: "asf with a metadata library", cover: true, file: asf(asfLibrary(asfValue{"Title", asfText, wide("T")}, asfValue{"Author", asfText, wide("A")},
				asfValue{"WM/TrackNumber", asfWord, []byte{7, 0}}, asfValue{"WM/Picture", asfBytes, asfPicture(3, jpegBytes)})),
			want: Tags{Title: "T", Artist: "A", Number: 7},
		},
		{name: "unknown", file: []byte("hello, this is no music"), want: Tags{}},
		{name: "empty", file: nil, want: Tags{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, image, err := readAll(t, tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Genres) == 0 {
				got.Genres = nil
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
			if want := map[bool]string{true: string(jpegBytes)}[tt.cover]; image != want {
				t.Errorf("cover %q, want %q", image, want)
			}
		})
	}
}

func TestR128IsRelativeToReplayGain(t *testing.T) {
	var g Gain
	g.set("R128_TRACK_GAIN", "-512")
	if math.Abs(g.Track-3) > 1e-9 {
		t.Errorf("gain %v", g.Track)
	}
}

// Damage is told, and what stands before it is kept.
func TestReadDamaged(t *testing.T) {
	whole := flac(named{"\x04", comments("TITLE=T", "ARTIST=A")}, named{"\x06", pictureOf(3, "image/png", jpegBytes)})
	tests := map[string]struct {
		file  []byte
		title string
	}{
		"cut in the picture":          {whole[:len(whole)-10], "T"},
		"comment beyond block":        {flac(named{"\x04", append(comments("TITLE=T"), 0)[:20]}), ""},
		"id3 beyond file":             {id3v2(3, 0, text("TIT2", 0, "T"), text("TALB", 0, "long"))[:30], "T"},
		"id3 frame beyond tag":        {id3v2(3, 0, text("TIT2", 0, "T"), named{"TALB\x7F\xFF\xFF\xFF\x00\x00", nil}), "T"},
		"atom beyond its parent":      {append(box("ftyp", []byte("M4A ")), 0x7F, 0xFF, 0xFF, 0xFF, 'm', 'o', 'o', 'v'), ""},
		"asf object beyond file":      {asf(asfDescription("T", "A"), asfAttributes(asfValue{"WM/Year", asfText, wide("1999")}))[:130], ""},
		"asf value beyond its object": {asf(asfDescription("T", "A"), asfPart(asfExtended, []byte{1, 0, 0xFF, 0xFF})), "T"},
		"aiff chunk beyond file":      {append(aiff(named{"AUTH", []byte("A\x00")}), "NAME\x00\x00\xFF\xFFcut"...), ""},
		"no page":                     {append(ogg([]byte("OpusHead")), "garbage and more garbage here"...), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Read(bytes.NewReader(tt.file), int64(len(tt.file)))
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("error %v", err)
			}
			if got.Title != tt.title {
				t.Errorf("title %q, want %q", got.Title, tt.title)
			}
		})
	}
}

// countingReader tells how much is read.
type countingReader struct {
	r *bytes.Reader
	n int64
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// Pictures and audio are not read.
func TestReadIsCheap(t *testing.T) {
	big := make([]byte, 5<<20)
	for name, file := range map[string][]byte{
		"flac": append(flac(named{"\x06", pictureOf(3, "image/jpeg", big)}, named{"\x04", comments("TITLE=T")}), big...),
		"id3":  append(id3v2(3, 0, apic(0, "image/jpeg", 3, "\x00", big), text("TIT2", 0, "T")), big...),
		"mp4":  append(mp4(item("covr", big), item("\xA9nam", []byte("T"))), big...),
	} {
		c := &countingReader{r: bytes.NewReader(file)}
		got, err := Read(c, int64(len(file)))
		if err != nil || got.Title != "T" || len(got.Pictures) != 1 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if c.n > 64<<10 {
			t.Errorf("%s: %d bytes were read", name, c.n)
		}
	}
}

func TestBudgets(t *testing.T) {
	var many []named
	for range maxItems + 1 {
		many = append(many, text("TXXX", 0, "a\x00b"))
	}
	file := id3v2(3, 0, many...)
	if _, err := Read(bytes.NewReader(file), int64(len(file))); !errors.Is(err, ErrBudget) {
		t.Errorf("many frames: %v", err)
	}
	got := Tags{Title: strings.Repeat("봄", maxText)}
	got.tidy()
	if len(got.Title) > maxText || strings.Trim(got.Title, "봄") != "" {
		t.Errorf("a long title of %d bytes", len(got.Title))
	}
}

func TestYear(t *testing.T) {
	for in, want := range map[string]int{
		"1999": 1999, "1999-05-04": 1999, "04/05/1999": 1999, "19990504": 1999, "": 0, "99": 0, "0000": 0, "c. 1850?": 1850,
	} {
		if got := year(in); got != want {
			t.Errorf("year(%q) = %d, want %d", in, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(flac(named{"\x04", comments("TITLE=T", "TRACKNUMBER=1/2")}, named{"\x06", pictureOf(3, "image/jpeg", jpegBytes)}))
	f.Add(opus("TITLE=T", encoded(pictureOf(3, "image/png", jpegBytes))))
	f.Add(mp4(item("\xA9nam", []byte("T")), item("trkn", []byte{0, 0, 0, 1, 0, 2}), freeform("MOOD", "m"), item("covr", jpegBytes)))
	for v := byte(2); v <= 4; v++ {
		f.Add(id3v2(v, 0, text("TIT2", 1, utf16le("T")), text("TT2", 0, "T"), apic(0, "image/jpeg", 3, "\x00", jpegBytes)))
		f.Add(id3v2(v, tagUnsync|tagExtended, text("TIT2", 0, "\xBB\xE7\xB6\xFB"), text("TXXX", 1, utf16le("a"))))
	}
	f.Add(append(make([]byte, 10), id3v1("t", "a", 1, 2)...))
	f.Add(riff(named{"LIST", []byte("INFOINAM\x02\x00\x00\x00ab")}, named{"id3 ", id3v2(4, 0, text("TIT2", 3, "x"))}))
	f.Add(aiff(named{"NAME", []byte("a")}, named{"ID3 ", id3v2(3, 0, text("TIT2", 0, "x"))}))
	f.Add(asf(asfDescription("T", "A"), asfAttributes(asfValue{"WM/TrackNumber", asfDword, []byte{3, 0, 0, 0}}, asfValue{"WM/Picture", asfBytes, asfPicture(3, jpegBytes)})))
	f.Add(asf(asfLibrary(asfValue{"WM/Year", asfText, wide("1999")}, asfValue{"WM/TrackNumber", asfQword, make([]byte, 8)})))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, _ := Read(bytes.NewReader(file), int64(len(file)))
		if got.Year < 0 || got.Number < 0 || got.Disc < 0 || math.IsNaN(got.Gain.Track) || math.Abs(got.Gain.Track) > maxGain {
			t.Fatalf("impossible numbers: %+v", got)
		}
		if s := fmt.Sprint(got.Title, got.Artist, got.Genres); strings.ContainsRune(s, 0) || len(got.Title) > maxText {
			t.Fatalf("text that cannot be shown: %q", s)
		}
		for _, p := range got.Pictures {
			if _, err := io.Copy(io.Discard, p.Open()); err != nil {
				t.Fatal(err)
			}
		}
	})
}
