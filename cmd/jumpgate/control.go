package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

// errNotRunning tells that no gateway runs on the data folder.
var errNotRunning = errors.New("no gateway runs on the data folder")

// control asks the gateway that runs on a data folder. form is sent with it;
// the answer is decoded into result, unless that is nil.
func control(ctx context.Context, data, method, path string, form url.Values, result any) error {
	body := strings.NewReader(form.Encode())
	request, err := http.NewRequestWithContext(ctx, method, "http://gateway"+path, body)
	if err != nil {
		return fmt.Errorf("ask the gateway: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := gateway.ControlClient(data).Do(request)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w %s: start it, or name its folder with --data DIR", errNotRunning, data)
	}
	if err != nil {
		return fmt.Errorf("ask the gateway: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("read the gateway's answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(text)))
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(text, result); err != nil {
		return fmt.Errorf("read the gateway's answer: %w", err)
	}
	return nil
}
