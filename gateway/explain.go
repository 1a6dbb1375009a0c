package gateway

import (
	"errors"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// explained are the causes that have words of their own, in order of looking.
var explained = []struct {
	err  error
	code phrase.Code
}{
	{library.ErrUnreachable, phrase.FolderUnreachable},
	{library.ErrGone, phrase.FileGone},
	{zone.ErrNoTrack, phrase.TrackGone},
	{zone.ErrEmpty, phrase.NothingToPlay},
	{audio.ErrNeedsFFmpeg, phrase.NeedsFFmpeg},
	{audio.ErrUnsupported, phrase.NoDecoder},
	{audio.ErrCorrupt, phrase.Damaged},
	{zone.ErrEncoderStuck, phrase.EncoderSlow},
	{member.ErrStopped, phrase.StoppedThere},
	{member.ErrRefused, phrase.StreamRefused},
	{member.ErrFetchOrFormat, phrase.FetchOrFormat},
	{member.ErrHangs, phrase.Hangs},
	{zone.ErrAtOnce, phrase.FetchOrFormat},
	{zone.ErrSilent, phrase.Silent},
	{zone.ErrAlone, phrase.PlaysAlone},
	{zone.ErrTaken, phrase.TakenOver},
	{zone.ErrGone, phrase.DeviceGone},
	{cast.ErrOffline, phrase.Offline},
	{cast.ErrIdle, phrase.NothingLoaded},
	{cast.ErrTaken, phrase.TakenOver},
	{cast.ErrNotQueued, phrase.NothingLoaded},
	{cast.ErrSilent, phrase.Silent},
	{cast.ErrCertificate, phrase.CertificateNew},
	{store.ErrFull, phrase.DiskFull},
}

// explain says for people why something did not work. The whole of the error is
// in the log.
func explain(err error) phrase.Phrase {
	var refusal *cast.RequestError
	if errors.As(err, &refusal) {
		return explainRefusal(refusal)
	}
	for _, e := range explained {
		if errors.Is(err, e.err) {
			return phrase.New(e.code)
		}
	}
	return phrase.Cause(err)
}

// explainRefusal goes by the Web Receiver's DetailedErrorCode.
func explainRefusal(e *cast.RequestError) phrase.Phrase {
	switch e.Code {
	case 103, 301, 311, 312, 315, 321, 331:
		return phrase.New(phrase.CouldNotFetch)
	case 104:
		return phrase.New(phrase.FormatNotPlayed)
	case 102, 110, 316:
		return phrase.New(phrase.Damaged)
	case 411, 412, 420, 421, 422, 431:
		return phrase.New(phrase.PlaylistUnread)
	case 905, 906, 909:
		return phrase.New(phrase.ReceiverFailed)
	}
	return phrase.New(phrase.DeviceRefused, e.Type)
}
