package gateway

import (
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

// notMusic are the genres, folded, of what is played only when somebody asks
// for it: it neither continues music nor says anything of a taste in it.
var notMusic = func() map[string]bool {
	all := map[string]bool{}
	for _, genre := range []string{
		"Podcast", "Podcasts", "Audiobook", "Audiobooks", "Audio Book", "Audio Drama", "Radio Drama", "Radio Play", "Speech", "Spoken Word", "Spoken",
		"Sermon", "Lecture", "Interview", "Language Course", "Hörbuch", "Hörspiel", "Livre audio", "Audiolibro", "오디오북", "팟캐스트", "강의", "オーディオブック", "ポッドキャスト",
		"Nature Sounds", "Field Recording", "Field Recordings", "Rain", "Rain Sounds", "White Noise", "Noise Machine", "Sound Effects", "ASMR", "효과음", "백색소음",
		"Lullaby", "Lullabies", "Schlaflieder", "자장가", "子守唄",
	} {
		all[terms.Fold(genre)] = true
	}
	return all
}()

// spoken tells by its genres whether a track is no music. One genre is enough:
// what is tagged "Podcast; Rock" is about rock.
func spoken(genres []string) bool {
	for _, g := range genres {
		if notMusic[terms.Fold(strings.TrimSpace(g))] {
			return true
		}
	}
	return false
}
