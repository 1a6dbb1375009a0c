package main

import (
	endian "encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// castWire is one message of CASTV2: see cast/proto/cast_channel.proto.
type castWire struct {
	source, destination, namespace string
	payload                        []byte
}

// parseCastMessage reads the fields of a message that a transcript has.
func parseCastMessage(b []byte) (castWire, bool) {
	var m castWire
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return m, false
		}
		b = b[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, b); n < 0 {
				return m, false
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return m, false
		}
		b = b[n:]
		switch number { //nolint:exhaustive // the constants of protowire are no fields of ours
		case 2:
			m.source = string(value)
		case 3:
			m.destination = string(value)
		case 4:
			m.namespace = string(value)
		case 6:
			m.payload = value
		}
	}
	return m, m.namespace != ""
}

// redactor replaces what tells a device or a home from others by made-up names,
// the same for the same, so that a transcript still makes sense. Words of the
// protocol stay; numbers and truths do.
type redactor struct {
	names map[string]string
	count map[string]int
}

func newRedactor() *redactor { return &redactor{names: map[string]string{}, count: map[string]int{}} }

// plainKeys are the JSON keys whose texts are words of the protocol.
var plainKeys = map[string]bool{
	"type": true, "playerState": true, "idleReason": true, "repeatMode": true, "streamType": true, "contentType": true,
	"controlType": true, "reason": true, "changeType": true, "appId": true, "appType": true, "hlsSegmentFormat": true,
	"resumeState": true, "status": true, "launchStatus": true, "queueType": true,
}

// endpoint redacts a source or destination.
func (r *redactor) endpoint(id string) string {
	switch id {
	case "*", "receiver-0", "sender-0", "":
		return id
	}
	return r.text("transportId", id)
}

// text gives a made-up name for a text under a key.
func (r *redactor) text(key, text string) string {
	if text == "" {
		return ""
	}
	if name, known := r.names[text]; known {
		return name
	}
	r.count[key]++
	name := key + "-" + strconv.Itoa(r.count[key])
	r.names[text] = name
	return name
}

// payload redacts a JSON payload; what is no JSON is left out.
func (r *redactor) payload(raw []byte) json.RawMessage {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	out, err := json.Marshal(r.value("", v))
	if err != nil {
		return nil
	}
	return out
}

func (r *redactor) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			name, under := k, k
			switch {
			case key == customKey && k != ourKey:
				name, under = r.text("key", k), customKey // an application's own affair
			case !isWord(k):
				name = r.text("key", k)
			}
			out[name] = r.value(under, v[k])
		}
		return out
	case []any:
		for i, inner := range v {
			v[i] = r.value(key, inner)
		}
		return v
	case string:
		if plainKeys[key] || key == "name" && isNamespace(v) {
			return v
		}
		return r.text(key, v)
	default:
		return v
	}
}

// The keys under which an application has what it likes, and we have our item's id.
const (
	customKey = "customData"
	ourKey    = "jumpgateItem"
)

// isWord tells a key of the protocol, which is a word, from one that is an id, an
// address or somebody's name of two words.
func isWord(key string) bool {
	return !strings.ContainsFunc(key, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') })
}

// isNamespace tells a namespace of the protocol from the name of a device.
func isNamespace(s string) bool {
	const prefix = "urn:x-cast:com.google.cast."
	return len(s) > len(prefix) && s[:len(prefix)] == prefix
}

// toneWAV is a quiet tone, 48 kHz and 16 bit, two channels.
func toneWAV(hertz float64, length time.Duration) []byte {
	const rate = 48000
	frames := int(length.Seconds() * rate)
	le := endian.LittleEndian
	b := make([]byte, 0, 44+4*frames)
	b = le.AppendUint32(append(b, "RIFF"...), uint32(36+4*frames))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 2)
	b = le.AppendUint32(le.AppendUint32(b, rate), 4*rate)
	b = le.AppendUint16(le.AppendUint16(b, 4), 16)
	b = le.AppendUint32(append(b, "data"...), uint32(4*frames))
	for i := range frames {
		x := uint16(int16(3000 * math.Sin(2*math.Pi*hertz*float64(i)/rate)))
		b = le.AppendUint16(le.AppendUint16(b, x), x)
	}
	return b
}
