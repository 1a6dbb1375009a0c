package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// operation does one thing that can be asked for by REST or over the
// WebSocket: args is a JSON object, what it returns is shown as JSON.
type operation struct {
	run    func(ctx context.Context, args json.RawMessage) (any, error)
	socket bool // the WebSocket takes it as a command
}

// args makes an operation's run from a typed function. Arguments that In does
// not name are refused: a misspelt one would otherwise be ignored.
func args[In any](run func(context.Context, In) (any, error)) func(context.Context, json.RawMessage) (any, error) {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var in In
		if err := decodeStrict(raw, &in); err != nil {
			return nil, err
		}
		return run(ctx, in)
	}
}

func decodeStrict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return invalid("%s must be of another type.", wrong.Field)
		}
		return invalid("%s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest("There is more behind the JSON object.")
	}
	return nil
}

// with says where a route's arguments are, beside the body: from a path value
// or, with "?", a query parameter, to the operation's argument, with "#" where
// that is a whole number.
type with map[string]string

// paged is a list's query: offset, limit, and filters.
func paged(filters ...string) with {
	w := with{"?offset": "offset#", "?limit": "limit#"}
	for _, f := range filters {
		w["?"+f] = f
	}
	return w
}

// rest answers a route by an operation.
func (a *API) rest(name string, status int, w with) http.Handler {
	op, ok := a.operations[name]
	if !ok {
		panic("api: a route names no operation: " + name)
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		raw, err := gather(r, w)
		if err != nil {
			a.fail(rw, r, err)
			return
		}
		out, err := op.run(r.Context(), raw)
		if err != nil {
			a.fail(rw, r, err)
			return
		}
		a.reply(rw, status, out)
	})
}

// reply writes JSON that only this caller may keep.
func (a *API) reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	body, err := json.Marshal(v)
	if err != nil {
		a.log.Error("write a reply", "err", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}

// gather makes one JSON object of a request's body, path and query.
func gather(r *http.Request, w with) (json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	if err := readBody(r, &all); err != nil {
		return nil, err
	}
	if all == nil { // null is JSON too
		return nil, badRequest("The body is null, not an object.")
	}
	query := r.URL.Query()
	for from, to := range w {
		name, number := strings.CutSuffix(to, "#")
		if _, twice := all[name]; twice {
			return nil, invalid("%s does not belong into the body.", name)
		}
		value := r.PathValue(from)
		if parameter, ok := strings.CutPrefix(from, "?"); ok {
			if !query.Has(parameter) {
				continue
			}
			value = query.Get(parameter)
		}
		if !number {
			all[name], _ = json.Marshal(value) // strings always marshal
			continue
		}
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return nil, badRequest(name + " must be a whole number.")
		}
		all[name] = json.RawMessage(strconv.FormatInt(n, 10))
	}
	return json.Marshal(all)
}

// readBody decodes a JSON body; an empty one leaves into as it is.
func readBody(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return badRequest("The body could not be read.")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	// A form of another site's page cannot send this type.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return problem(http.StatusUnsupportedMediaType, "wrong-content-type", "Not JSON", phrase.Program, "Send Content-Type: application/json.")
	}
	if !json.Valid(body) {
		return badRequest("The body is not JSON.")
	}
	return decodeStrict(body, into)
}

func serveDescription(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(Description) // the client may be gone
}
