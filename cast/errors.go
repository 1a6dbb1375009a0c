package cast

import (
	"errors"
	"fmt"
)

// Errors that callers test for.
var (
	// ErrOffline: there is no connection to the device now.
	ErrOffline = errors.New("cast: the device is not connected")
	// ErrIdle: the device plays nothing of ours.
	ErrIdle = errors.New("cast: nothing is loaded on the device")
	// ErrSilent: the device took a request and never answered.
	ErrSilent = errors.New("cast: the device did not answer")
	// ErrCertificate: the device shows another certificate than before.
	ErrCertificate = errors.New("cast: the device's certificate has changed")
)

// RequestError is a device's refusal.
type RequestError struct {
	Type   string // as the device named it: LOAD_FAILED, LAUNCH_ERROR, INVALID_REQUEST, ...
	Reason string // as the device gave it
	Code   int    // detailedErrorCode of a media error, 0 if there is none
}

// Error says what went wrong in a sentence.
func (e *RequestError) Error() string {
	s := "cast: the device refused: " + e.Type
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	if text := mediaErrorText(e.Code); text != "" {
		s += ": " + text
	}
	return s
}

// mediaErrorText explains the codes of the Web Receiver's DetailedErrorCode.
func mediaErrorText(code int) string {
	switch {
	case code == 0:
		return ""
	case code == 103 || code == 301 || code == 311 || code == 312 || code == 315 || code == 316:
		return fmt.Sprintf("it could not fetch the audio, which a firewall may cause (code %d)", code)
	case code == 104:
		return "it cannot play this format (code 104)"
	case code == 110:
		return "the audio is damaged or of another kind than announced (code 110)"
	case code == 411 || code == 412:
		return fmt.Sprintf("it could not read the playlist (code %d)", code)
	case code >= 904 && code <= 906:
		return fmt.Sprintf("its player failed (code %d)", code)
	default:
		return fmt.Sprintf("code %d", code)
	}
}
