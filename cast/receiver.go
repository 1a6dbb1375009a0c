package cast

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Application is an application that runs on a device.
type Application struct {
	AppID       string `json:"appId"`
	Name        string `json:"displayName"`
	StatusText  string `json:"statusText"` // what it does, for people
	IconURL     string `json:"iconUrl"`
	SessionID   string `json:"sessionId"`   // for the device
	TransportID string `json:"transportId"` // where its messages go
	Idle        bool   `json:"isIdleScreen"`
	Namespaces  []struct {
		Name string `json:"name"`
	} `json:"namespaces"`
}

// ReceiverStatus is what a device says of itself.
type ReceiverStatus struct {
	Applications []Application
	Volume       float64 // 0 to 1
	Muted        bool
	Fixed        bool // the volume cannot be set
	Standby      bool // its screen is off
	ActiveInput  bool // its television shows it
}

// errNoApp: a launch was answered and the application never came up.
var errNoApp = errors.New("cast: the device said yes and did not start the application")

// ReceiverStatus asks the device what it runs. Status knows the same without a
// question; this has the names and texts of every application.
func (s *Sender) ReceiverStatus(ctx context.Context) (ReceiverStatus, error) {
	var out ReceiverStatus
	var r receiverStatus
	if err := s.askReceiver(ctx, nsReceiver, &plain{header{Type: "GET_STATUS"}}, &r); err != nil {
		return out, err
	}
	out.Applications = r.Status.Applications
	if v := r.Status.Volume; v != nil {
		if v.Level != nil {
			out.Volume = min(max(*v.Level, 0), 1)
		}
		out.Muted = v.Muted != nil && *v.Muted
		out.Fixed = v.ControlType == "fixed"
	}
	out.Standby = r.Status.Standby != nil && *r.Status.Standby
	out.ActiveInput = r.Status.ActiveInput != nil && *r.Status.ActiveInput
	return out, nil
}

// askReceiver asks the device itself, and reads the answer into out.
func (s *Sender) askReceiver(ctx context.Context, namespace string, r request, out any) error {
	ch, err := s.connection()
	if err != nil {
		return err
	}
	answer, err := ch.ask(ctx, namespace, receiverID, r, requestLimit)
	if err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	if err := decode(answer.payload, out); err != nil {
		return fmt.Errorf("read the answer to %s: %w", r.head().Type, err)
	}
	return nil
}

// connection returns the connection that there is now.
func (s *Sender) connection() (*channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.channel == nil {
		return nil, ErrOffline
	}
	return s.channel, nil
}

// Available tells which of the applications the device can run.
func (s *Sender) Available(ctx context.Context, appIDs ...string) (map[string]bool, error) {
	var a appAvailability
	err := s.askReceiver(ctx, nsReceiver, &appAvailabilityRequest{header{Type: "GET_APP_AVAILABILITY"}, appIDs}, &a)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(appIDs))
	for _, id := range appIDs {
		out[id] = a.Availability[id] == "APP_AVAILABLE"
	}
	return out, nil
}

// Launch starts the Sender's application unless it runs, in place of whatever
// else does. Load does that by itself.
func (s *Sender) Launch(ctx context.Context) error {
	_, _, err := s.launch(ctx)
	return err
}

// launch returns the transport of our application, started if need be.
func (s *Sender) launch(ctx context.Context) (*channel, string, error) {
	s.mu.Lock()
	ch, transport := s.channel, s.track.transport
	s.mu.Unlock()
	if ch == nil {
		return nil, "", ErrOffline
	}
	if transport != "" {
		return ch, transport, nil
	}
	transport, err := s.launchOn(ctx, ch, s.cfg.AppID)
	return ch, transport, err
}

// launchOn starts an application and waits until it is up: some devices answer
// first and start it then.
func (s *Sender) launchOn(ctx context.Context, ch *channel, app string) (transport string, err error) {
	s.mu.Lock()
	s.launching++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.launching--
		s.track.look = false
		s.mu.Unlock()
	}()
	var refused *RequestError
	for attempt := 0; ; attempt++ {
		_, err = ch.ask(ctx, nsReceiver, receiverID, &launchRequest{header{Type: "LAUNCH"}, app}, launchLimit)
		// The device's own housekeeping may cancel a launch once.
		if errors.As(err, &refused) && refused.Reason == "CANCELLED" && attempt == 0 {
			continue
		}
		break
	}
	if err != nil {
		return "", fmt.Errorf("launch the receiver application: %w", err)
	}
	up, cancel := context.WithTimeoutCause(ctx, launchLimit, errNoApp)
	defer cancel()
	err = s.await(up, func() bool {
		transport = s.track.transport
		return transport != "" || s.channel != ch
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("launch the receiver application: %w", err)
	case transport == "":
		return "", fmt.Errorf("launch the receiver application: %w", ErrOffline)
	}
	return transport, nil
}

// Quit ends our application, and with it what it plays. Somebody else's
// playback is left alone: ErrTaken.
func (s *Sender) Quit(ctx context.Context) error {
	s.mu.Lock()
	ch, session, foreign := s.channel, s.track.session, s.track.status.Foreign
	s.forget()
	s.mu.Unlock()
	switch {
	case ch == nil:
		return ErrOffline
	case foreign:
		return ErrTaken
	case session == "":
		return nil
	}
	_, err := ch.ask(ctx, nsReceiver, receiverID, &stopAppRequest{header{Type: "STOP"}, session}, requestLimit)
	return err
}

// SetVolume sets the device's own volume, 0 to 1; 0 is silent, not absent. On a
// group it sets all members, in a way that the device chooses: see
// SetGroupVolume.
func (s *Sender) SetVolume(ctx context.Context, level float64) error {
	level = min(max(level, 0), 1)
	return s.setVolume(ctx, wireVolume{Level: &level})
}

// SetMuted mutes or unmutes the device.
func (s *Sender) SetMuted(ctx context.Context, muted bool) error {
	return s.setVolume(ctx, wireVolume{Muted: &muted})
}

func (s *Sender) setVolume(ctx context.Context, v wireVolume) error {
	if err := s.askReceiver(ctx, nsReceiver, &setVolumeRequest{header{Type: "SET_VOLUME"}, v}, nil); err != nil {
		return fmt.Errorf("set volume: %w", err)
	}
	return nil
}

// Message sends JSON to our application on a namespace of its own. There is no
// answer: what the application says comes to Config.Messages.
func (s *Sender) Message(ctx context.Context, namespace string, payload []byte) error {
	s.mu.Lock()
	ch, transport := s.channel, s.track.transport
	s.mu.Unlock()
	switch {
	case castNamespace(namespace):
		return fmt.Errorf("cast: %s is Cast's own namespace", namespace)
	case ch == nil:
		return ErrOffline
	case transport == "":
		return ErrIdle
	}
	if err := ch.join(ctx, transport); err != nil {
		return err
	}
	return ch.send(ctx, message{source: senderID, destination: transport, namespace: namespace, payload: payload})
}

func castNamespace(namespace string) bool {
	return strings.HasPrefix(namespace, "urn:x-cast:com.google.cast.")
}
