package jump

import "strings"

// Code says why an item was picked, for translation.
type Code string

// The reasons. Each names its arguments in order.
const (
	ReasonContext   Code = "context"   // context name: it stands in the context itself
	ReasonPlaylist  Code = "playlist"  // title: shares playlists with that track
	ReasonBeside    Code = "beside"    // artist: by one who shares playlists with that artist
	ReasonSession   Code = "session"   // title: often heard together with that track
	ReasonAlbum     Code = "album"     // album, title: from the same album as that track
	ReasonArtist    Code = "artist"    // artist: by the artist of what played
	ReasonTags      Code = "tags"      // tag names joined by ", ": sounds by its tags like what played
	ReasonSound     Code = "sound"     // title: sounds like that track
	ReasonFavourite Code = "favourite" // none: the listener likes it
	ReasonForgotten Code = "forgotten" // none: liked, and not heard for a while
	ReasonTaste     Code = "taste"     // artist or tag: much liked by the listener
	ReasonPlayed    Code = "played"    // a number: heard that often lately
	ReasonHome      Code = "home"      // none: others at home hear it
	ReasonNew       Code = "new"       // none: not heard yet
)

// Reason is why an item was picked. Args are names as the catalogue writes
// them, in the order that the Code gives.
type Reason struct {
	Code Code
	Args []string
}

// english holds one sentence a code; %1 and %2 are the arguments.
var english = map[Code]string{
	ReasonContext:   "From %1.",
	ReasonPlaylist:  "Shares playlists with “%1”.",
	ReasonBeside:    "By somebody who shares playlists with %1.",
	ReasonSession:   "Often heard together with “%1”.",
	ReasonAlbum:     "From %1, like “%2”.",
	ReasonArtist:    "More by %1.",
	ReasonTags:      "%1, like the music around it.",
	ReasonSound:     "Sounds like “%1”.",
	ReasonFavourite: "Because you like it.",
	ReasonForgotten: "You like it and have not heard it for a while.",
	ReasonTaste:     "Because you like %1.",
	ReasonPlayed:    "Because you played it %1 lately.",
	ReasonHome:      "Because it is heard at home.",
	ReasonNew:       "Something from your library that you have not heard yet.",
}

// String returns the reason as one English sentence.
func (r Reason) String() string {
	s := english[r.Code]
	for i, a := range r.Args {
		if r.Code == ReasonPlayed {
			a = times(a)
		}
		s = strings.ReplaceAll(s, "%"+string(rune('1'+i)), a)
	}
	return s
}

// times counts in English.
func times(n string) string {
	switch n {
	case "1":
		return "once"
	case "2":
		return "twice"
	}
	return n + " times"
}
