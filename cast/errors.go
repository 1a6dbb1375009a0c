package cast

import (
	"errors"
	"fmt"
)

// Errors that callers test for with errors.Is.
var (
	// ErrOffline: there is no connection to the device now.
	ErrOffline = errors.New("cast: the device is not connected")
	// ErrIdle: the device plays nothing of ours.
	ErrIdle = errors.New("cast: nothing is loaded on the device")
	// ErrTaken: somebody else's playback is on the device, which commands do
	// not touch. Load takes the device back.
	ErrTaken = errors.New("cast: somebody else plays on the device")
	// ErrNotQueued: the device's queue does not hold the item.
	ErrNotQueued = errors.New("cast: the item is not in the device's queue")
	// ErrSilent: the device took a request and never answered.
	ErrSilent = errors.New("cast: the device did not answer")
	// ErrCertificate: the device shows another certificate than before. The
	// error is a *CertificateError.
	ErrCertificate = errors.New("cast: the device's certificate has changed")
)

// RequestError is a device's refusal.
type RequestError struct {
	Type   string // as the device named it: LOAD_FAILED, LAUNCH_ERROR, INVALID_REQUEST, ...
	Reason string // as the device gave it
	Code   int    // detailedErrorCode of a media error, 0 if there is none

	item int // the device's id of the queue item that failed, 0 if it named none
}

// Error says what went wrong in a sentence.
func (e *RequestError) Error() string {
	s := "cast: " + refusalText(e.Type, e.Reason)
	if text := MediaErrorText(e.Code); text != "" {
		s += ": " + text
	}
	return s
}

// refusalText explains a refusal by its type and reason.
func refusalText(kind, reason string) string {
	text := map[string]string{
		"LAUNCH_ERROR NOT_FOUND":                   "the device does not have this application",
		"LAUNCH_ERROR CANCELLED":                   "the device cancelled the start of the application",
		"LAUNCH_ERROR USER_NOT_ALLOWED":            "somebody at the device refused the application",
		"LAUNCH_ERROR SYSTEM_ERROR":                "the device could not start the application",
		"LOAD_FAILED":                              "the device could not load this",
		"LOAD_CANCELLED":                           "the load was overtaken by another one",
		"INVALID_PLAYER_STATE":                     "the device cannot do this in what it does now",
		"INVALID_REQUEST INVALID_MEDIA_SESSION_ID": "the device has ended what it played",
		"INVALID_REQUEST INVALID_SESSION_ID":       "the device has ended the application",
		"INVALID_REQUEST INVALID_COMMAND":          "the device does not know this command",
		"INVALID_REQUEST NOT_ALLOWED":              "the device does not allow this",
	}
	if t, ok := text[kind+" "+reason]; ok {
		return t
	}
	t, ok := text[kind]
	if !ok {
		t = "the device refused: " + kind
	}
	if reason != "" {
		t += " (" + reason + ")"
	}
	return t
}

// MediaErrorText explains a code of the Web Receiver's DetailedErrorCode to a
// person, with the code in brackets; it is empty for 0.
// Source: developers.google.com/cast/docs/web_receiver/error_codes.
func MediaErrorText(code int) string {
	if code == 0 {
		return ""
	}
	text := ""
	switch code {
	case 100, 101, 900, 905, 906, 909, 999:
		text = "its player failed"
	case 102, 110, 315, 316, 322, 332, 500:
		text = "the audio is damaged, or of another kind than announced"
	case 103, 300, 301, 311, 312, 321, 331:
		text = "it could not fetch the audio, which a firewall may cause"
	case 104:
		text = "it cannot play this format"
	case 200, 201, 202, 203, 313, 314:
		text = "it could not get the key of the audio"
	case 400, 411, 412, 420, 421, 422, 423, 431:
		text = "it could not read the playlist"
	case 904:
		text = "another load or a stop came between"
	}
	if text == "" {
		return fmt.Sprintf("code %d", code)
	}
	return fmt.Sprintf("%s (code %d)", text, code)
}
