package history

import (
	"archive/zip"
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func read(t testing.TB, content string) ([]Listen, Format, error) {
	t.Helper()
	var out []Listen
	r := strings.NewReader(content)
	format, err := Read(r, r.Size(), func(l Listen) error { out = append(out, l); return nil })
	return out, format, err
}

func at(s string) time.Time {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		panic(err)
	}
	return t
}

const mbid = "8f3471b5-7e6a-48da-86a9-c1c07a0f47ae"

var files = map[string]struct {
	content string
	format  Format
	want    []Listen
}{
	"ListenBrainz, a list": {
		`[{"inserted_at":1700000100,"listened_at":1700000000,"track_metadata":{"additional_info":{"duration_ms":215000,
		"recording_mbid":"` + strings.ToUpper(mbid) + `"},"artist_name":"Air","release_name":"Moon Safari","track_name":"La femme d'argent"}}]`,
		ListenBrainz,
		[]Listen{{
			At: time.Unix(1700000000, 0).UTC(), Artist: "Air", Title: "La femme d'argent", Album: "Moon Safari", ID: mbid, Length: 215 * time.Second,
		}},
	},
	"ListenBrainz, lines": {
		`{"listened_at":1700000000,"track_metadata":{"artist_name":"Air","track_name":"Remember","additional_info":{"duration":154.5},"mbid_mapping":{"recording_mbid":"` + mbid + `"}}}
{"listened_at":1700000300,"track_metadata":{"artist_name":"Air","track_name":"Talisman"}}
`,
		ListenBrainz,
		[]Listen{
			{At: time.Unix(1700000000, 0).UTC(), Artist: "Air", Title: "Remember", ID: mbid, Length: 154500 * time.Millisecond},
			{At: time.Unix(1700000300, 0).UTC(), Artist: "Air", Title: "Talisman"},
		},
	},
	"Spotify, extended": {
		`[{"ts":"2023-05-01T20:03:20Z","platform":"android","ms_played":200000,"master_metadata_track_name":"Blueming",
		"master_metadata_album_artist_name":"IU","master_metadata_album_album_name":"Love poem","reason_start":"clickrow","reason_end":"trackdone","skipped":false},
		{"ts":"2023-05-01T20:03:40Z","ms_played":20000,"master_metadata_track_name":"Lilac","master_metadata_album_artist_name":"IU","reason_end":"fwdbtn"},
		{"ts":"2023-05-01T20:10:00Z","ms_played":60000,"master_metadata_track_name":"Celebrity","master_metadata_album_artist_name":"IU","reason_end":"endplay","skipped":null},
		{"ts":"2023-05-01T21:10:00Z","ms_played":60000,"master_metadata_track_name":"Secret","master_metadata_album_artist_name":"IU","incognito_mode":true},
		{"ts":"2023-05-02T08:00:00Z","ms_played":1800000,"master_metadata_track_name":null,"episode_name":"A podcast"}]`,
		Spotify,
		[]Listen{
			{At: at("2023-05-01 20:00:00"), Artist: "IU", Title: "Blueming", Album: "Love poem", Heard: 200 * time.Second, End: Complete},
			{At: at("2023-05-01 20:03:20"), Artist: "IU", Title: "Lilac", Heard: 20 * time.Second, End: Skipped},
			{At: at("2023-05-01 20:09:00"), Artist: "IU", Title: "Celebrity", Heard: time.Minute, End: Stopped},
		},
	},
	"Spotify, short": {
		`[{"endTime":"2023-05-01 20:03","artistName":"IU","trackName":"Blueming","msPlayed":180000}]`,
		Spotify,
		[]Listen{{At: at("2023-05-01 20:00:00"), Artist: "IU", Title: "Blueming", Heard: 3 * time.Minute}},
	},
	"Last.fm without a header": {
		"Air,Moon Safari,\"Kelly, Watch the Stars\",\"31 Jan 2012 12:04\"\nAir,Moon Safari,Sexy Boy,\nAir,,Alpha Beta Gaga,01 Feb 2012 08:30\n",
		LastFM,
		[]Listen{
			{At: at("2012-01-31 12:04:00"), Artist: "Air", Title: "Kelly, Watch the Stars", Album: "Moon Safari"},
			{At: at("2012-02-01 08:30:00"), Artist: "Air", Title: "Alpha Beta Gaga"},
		},
	},
	"Last.fm, semicolons and milliseconds": {
		"\xEF\xBB\xBFArtist;Album;AlbumId;Track;Date#somebody\n\"Air\";\"Talkie Walkie\";\"x\";\"Cherry Blossom Girl\";\"1328085000000\"\n",
		LastFM,
		[]Listen{{At: at("2012-02-01 08:30:00"), Artist: "Air", Title: "Cherry Blossom Girl", Album: "Talkie Walkie"}},
	},
	"Last.fm with ids": {
		"uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n1328085000,\"01 Feb 2012, 08:30\",Air,,Talkie Walkie,,Run," + mbid + "\n",
		LastFM,
		[]Listen{{At: at("2012-02-01 08:30:00"), Artist: "Air", Title: "Run", Album: "Talkie Walkie", ID: mbid}},
	},
}

func TestFormats(t *testing.T) {
	for name, c := range files {
		got, format, err := read(t, c.content)
		if err != nil || format != c.format {
			t.Errorf("%s: %q, %v", name, format, err)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", name, got, c.want)
		}
	}
}

func TestArchive(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct{ name, content string }{
		{"user.json", `{"user_id": 1, "username": "somebody"}`},
		{"listens/2023/11.jsonl", files["ListenBrainz, lines"].content},
		{"listens/2023/12.jsonl", files["ListenBrainz, list"].content + files["ListenBrainz, lines"].content},
		{"photo.jpg", "\xFF\xD8"},
	} {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	got, format, err := read(t, b.String())
	if err != nil || format != ListenBrainz || len(got) != 4 {
		t.Errorf("%d listens, %q, %v", len(got), format, err)
	}
}

func TestWhatIsNoHistory(t *testing.T) {
	listen := files["ListenBrainz, lines"].content
	for name, c := range map[string]struct {
		content string
		want    error
	}{
		"empty":            {"", ErrFormat},
		"blank":            {" \n\n", ErrFormat},
		"prose":            {"Dear reader,\nthis is no table.\n", ErrFormat},
		"other JSON":       {`[{"name":"x"}]`, ErrFormat},
		"an empty list":    {`[]`, ErrFormat},
		"a number":         {`[1,2,3]`, ErrFormat},
		"a cut list":       {"[" + strings.Split(listen, "\n")[0], ErrDamaged},
		"a cut line":       {listen + listen[:40], ErrDamaged},
		"a broken archive": {"PK\x03\x04rest", ErrDamaged},
		"an endless text":  {`[{"listened_at":1,"track_metadata":{"artist_name":"` + strings.Repeat("x", 3<<20), ErrTooLarge},
		"an endless field": {"artist,track,date\n\"" + strings.Repeat("x", 3<<20), ErrTooLarge},
	} {
		if _, _, err := read(t, c.content); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestWhatEachReturnsEndsIt(t *testing.T) {
	stop := errors.New("enough")
	for name, c := range files {
		r := strings.NewReader(c.content)
		if _, err := Read(r, r.Size(), func(Listen) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlaylist(t *testing.T) {
	p, err := ReadPlaylist(strings.NewReader("\uFEFF#EXTM3U\r\n#PLAYLIST:Sunday\r\n#EXTINF:215,Air - La femme d'argent\r\n" +
		`..\Air\Moon Safari\01.flac` + "\r\n\r\n# a remark\nplain.mp3\n#EXTINF:-1 tvg-id=\"x\",Only a title\nhttp://radio.example/stream\n"))
	want := Playlist{Name: "Sunday", Entries: []Entry{
		{Path: "../Air/Moon Safari/01.flac", Artist: "Air", Title: "La femme d'argent", Length: 215 * time.Second},
		{Path: "plain.mp3"},
		{Path: "http://radio.example/stream", Title: "Only a title"},
	}}
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("%+v, %v", p, err)
	}
	old, err := ReadPlaylist(strings.NewReader("Bj\xF6rk/J\xF3ga.mp3\n"))
	if err != nil || old.Entries[0].Path != "Björk/Jóga.mp3" {
		t.Errorf("an old one: %+v, %v", old, err)
	}
	for name, c := range map[string]struct {
		content string
		want    error
	}{
		"empty":    {"#EXTM3U\n", ErrFormat},
		"binary":   {"\x00\x01\x02", ErrFormat},
		"too long": {strings.Repeat("x", maxRecord+1), ErrTooLarge},
		"too many": {strings.Repeat("a\n", MaxEntries+1), ErrTooLarge},
	} {
		if _, err := ReadPlaylist(strings.NewReader(c.content)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range files {
		f.Add(c.content)
	}
	f.Add("PK\x03\x04")
	f.Fuzz(func(t *testing.T, content string) {
		got, format, err := read(t, content)
		if err == nil && format == "" {
			t.Error("no error, no format")
		}
		for _, l := range got {
			if !l.usable() || len(l.Title) > maxText {
				t.Errorf("unusable: %+v", l)
			}
		}
		x := NewIndex([]Track{{ID: "a", Title: "La femme d'argent", Artist: "Air"}})
		for _, l := range got {
			x.Match(l)
		}
	})
}

func FuzzReadPlaylist(f *testing.F) {
	f.Add("#EXTM3U\n#EXTINF:1,A - B\nc/d.mp3\n")
	f.Fuzz(func(_ *testing.T, content string) {
		p, _ := ReadPlaylist(strings.NewReader(content))
		x := NewIndex([]Track{{ID: "a", Title: "B", Artist: "A", Path: "/c/d.mp3"}})
		for _, e := range p.Entries {
			x.MatchEntry(e)
		}
	})
}
