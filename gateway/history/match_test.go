package history

import (
	"testing"
	"time"
)

var shelf = []Track{
	{ID: "argent", Title: "La femme d'argent", Artist: "Air", Album: "Moon Safari", Path: "/m/Air/Moon Safari/01.flac", RecordingID: mbid, Length: 428 * time.Second},
	{ID: "live", Title: "La femme d'argent (live)", Artist: "Air", Album: "KCRW", Path: "/m/Air/KCRW/01.flac"},
	{ID: "best", Title: "Kelly Watch the Stars", Artist: "AIR", Album: "The Best", Length: 224 * time.Second, Path: "/m/best/kelly.flac"},
	{ID: "safari", Title: "Kelly Watch the Stars", Artist: "Air", Album: "Moon Safari", Length: 227 * time.Second, Path: "/m/Air/Moon Safari/05.flac"},
	{ID: "boxer", Title: "The Boxer (2001 Remaster)", Artist: "Simon & Garfunkel", Path: "/m/sg/boxer.mp3"},
	{ID: "blueming", Title: "Blueming", Artist: "아이유 (IU)", Path: "/m/iu/blueming.flac"},
	{ID: "eight", Title: "eight (feat. SUGA)", Artist: "IU", Path: "/m/iu/eight.flac"},
	{ID: "joga", Title: "Jóga", Artist: "Björk", Path: "/m/bjork/joga.flac"},
	{ID: "remix", Title: "Jóga (Howie B remix)", Artist: "Björk", Path: "/m/bjork/remix.flac"},
	{ID: "various", Title: "Song 2", Artist: "Blur", AlbumArtist: "Various Artists", Path: "/m/va/02.mp3"},
	{ID: "beatles", Title: "Here Comes the Sun", Artist: "The Beatles", Path: "/m/beatles/sun.mp3"},
}

func TestMatching(t *testing.T) {
	x := NewIndex(shelf)
	for _, c := range []struct {
		l    Listen
		id   string
		how  How
		what string
	}{
		{Listen{Artist: "Whoever", Title: "Whatever", ID: mbid}, "argent", ByID, "an id goes before names"},
		{Listen{Artist: "air", Title: "LA FEMME D’ARGENT"}, "argent", ByNames, "case and apostrophes"},
		{Listen{Artist: "Air", Title: "La femme d'argent - Live"}, "live", ByNames, "the same recording, written another way"},
		{Listen{Artist: "Air", Title: "La femme d'argent (Live)"}, "live", ByNames, "live is another recording"},
		{Listen{Artist: "Air", Title: "Kelly Watch the Stars", Album: "Moon Safari"}, "safari", ByNames, "the album decides"},
		{Listen{Artist: "Air", Title: "Kelly Watch the Stars", Length: 224 * time.Second}, "best", ByNames, "the length decides"},
		{Listen{Artist: "Simon and Garfunkel", Title: "The Boxer"}, "boxer", ByNames, "and, remaster"},
		{Listen{Artist: "Simon & Garfunkel", Title: "The Boxer - Remastered 2011"}, "boxer", ByNames, "another remaster"},
		{Listen{Artist: "IU", Title: "Blueming"}, "blueming", ByNames, "an alias in brackets"},
		{Listen{Artist: "아이유", Title: "Blueming"}, "blueming", ByNames, "the name itself"},
		{Listen{Artist: "IU", Title: "eight(Prod.&Feat. SUGA of BTS)"}, "", NotFound, "not every spelling"},
		{Listen{Artist: "IU feat. SUGA", Title: "eight"}, "eight", ByNames, "guests"},
		{Listen{Artist: "Bjork", Title: "Joga"}, "joga", ByNames, "diacritics"},
		{Listen{Artist: "Beatles", Title: "Here Comes The Sun"}, "beatles", ByNames, "the article"},
		{Listen{Artist: "The Beatles", Title: "Here Comes the Sunn"}, "beatles", Nearly, "a typing error in the title"},
		{Listen{Artist: "Simon & Garfunkle", Title: "The Boxer"}, "boxer", Nearly, "one in the artist"},
		{Listen{Artist: "Blur", Title: "Song 3"}, "", NotFound, "a short title has no errors"},
		{Listen{Artist: "Somebody", Title: "Here Comes the Sun"}, "", NotFound, "another artist"},
		{Listen{Artist: "Björk", Title: ""}, "", NotFound, "no title"},
	} {
		for range 2 { // the second time from memory
			id, how := x.Match(c.l)
			if id != c.id || how != c.how {
				t.Errorf("%s: %q, %v", c.what, id, how)
			}
		}
	}
}

func TestMatchingPlaylists(t *testing.T) {
	x := NewIndex(shelf)
	for _, c := range []struct {
		e    Entry
		id   string
		how  How
		what string
	}{
		{Entry{Path: "C:/Music/bjork/joga.flac"}, "joga", ByPath, "from another machine"},
		{Entry{Path: "../Moon Safari/01.flac"}, "argent", ByPath, "relative"},
		{Entry{Path: "01.flac"}, "", NotFound, "two files have it"},
		{Entry{Path: "01.flac", Artist: "Blur", Title: "Song 2"}, "various", ByNames, "names help"},
		{Entry{Path: "http://radio.example/", Title: "A stream"}, "", NotFound, "a stream"},
	} {
		if id, how := x.MatchEntry(c.e); id != c.id || how != c.how {
			t.Errorf("%s: %q, %v", c.what, id, how)
		}
	}
}

func TestReport(t *testing.T) {
	var r Report
	day := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 3 {
		r.Add(Listen{Artist: "A", Title: "Found", At: day.AddDate(0, 0, -i)}, ByNames)
		r.Add(Listen{Artist: "A", Title: "Often", At: day}, NotFound)
	}
	r.Add(Listen{Artist: "A", Title: "Once", At: day}, NotFound)
	if r.Listens != 7 || r.Found[ByNames] != 3 || r.Found[NotFound] != 4 || !r.To.Equal(day) || !r.From.Equal(day.AddDate(0, 0, -2)) {
		t.Errorf("%+v", r)
	}
	if m := r.Missing(1); len(m) != 1 || m[0] != (Missing{Artist: "A", Title: "Often", Listens: 3}) {
		t.Errorf("%+v", m)
	}
	if m := r.Missing(10); len(m) != 2 {
		t.Errorf("%+v", m)
	}
}
