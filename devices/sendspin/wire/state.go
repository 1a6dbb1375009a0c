package wire

import "fmt"

// ClientTime asks for the server's clock.
type ClientTime struct {
	Transmitted int64 `json:"client_transmitted"` // client clock, µs
}

// ServerTime answers it. Both server stamps are of the server's monotonic
// clock, in µs.
type ServerTime struct {
	ClientTransmitted int64 `json:"client_transmitted"`
	Received          int64 `json:"server_received"`
	Transmitted       int64 `json:"server_transmitted"`
}

// Operation is a client's operational state.
type Operation string

// The operational states.
const (
	Synchronized   Operation = "synchronized"
	InError        Operation = "error"
	ExternalSource Operation = "external_source"
)

// ClientState is what changed at a client.
type ClientState struct {
	State  Operation         `json:"state,omitempty"`
	Player *PlayerStateDelta `json:"player,omitempty"`
}

// PlayerStateDelta carries the fields that changed; nil is unchanged. Besides
// January's volume and mute it knows what sendspin-js 3.x and later firmware
// report beside them in the same dialect.
type PlayerStateDelta struct {
	Volume *int  `json:"volume,omitempty"`
	Muted  *bool `json:"muted,omitempty"`
	// State stands here instead of one level up in sendspin-js 3.x.
	State         Operation `json:"state,omitempty"`
	StaticDelay   *int      `json:"static_delay_ms,omitempty"`
	RequiredLead  *int      `json:"required_lead_time_ms,omitempty"`
	MinimumBuffer *int      `json:"min_buffer_ms,omitempty"`
	Commands      []string  `json:"supported_commands,omitempty"`
}

// ParseClientState reads and checks a client/state.
func ParseClientState(m Message) (ClientState, error) {
	var s ClientState
	if err := m.Decode(&s); err != nil {
		return ClientState{}, err
	}
	p := s.Player
	if p == nil {
		return s, nil
	}
	if p.State != "" && s.State == "" {
		s.State = p.State
	}
	if v := p.Volume; v != nil && (*v < 0 || *v > 100) {
		return ClientState{}, fmt.Errorf("%w: volume %d", ErrMalformed, *v)
	}
	for _, ms := range []*int{p.StaticDelay, p.RequiredLead, p.MinimumBuffer} {
		if ms != nil && (*ms < 0 || *ms > 60_000) {
			return ClientState{}, fmt.Errorf("%w: %d ms", ErrMalformed, *ms)
		}
	}
	if len(p.Commands) > maxList {
		return ClientState{}, fmt.Errorf("%w: %d commands", ErrMalformed, len(p.Commands))
	}
	return s, nil
}

// ClientCommand is a press of a button at a client.
type ClientCommand struct {
	Controller *ControllerCommand `json:"controller,omitempty"`
}

// ControllerCommand is the controller role's command.
type ControllerCommand struct {
	Command string `json:"command"`
	Volume  *int   `json:"volume,omitempty"` // with "volume"
	Mute    *bool  `json:"mute,omitempty"`   // with "mute"
}

// ParseClientCommand reads and checks a client/command. The controller object
// is nil where the command is for a role that we do not know.
func ParseClientCommand(m Message) (ClientCommand, error) {
	var c ClientCommand
	if err := m.Decode(&c); err != nil {
		return ClientCommand{}, err
	}
	k := c.Controller
	if k == nil {
		return c, nil
	}
	if len(k.Command) > maxName || (k.Volume != nil && (*k.Volume < 0 || *k.Volume > 100)) {
		return ClientCommand{}, fmt.Errorf("%w: controller command", ErrMalformed)
	}
	if (k.Command == "volume" && k.Volume == nil) || (k.Command == "mute" && k.Mute == nil) {
		return ClientCommand{}, fmt.Errorf("%w: %s without its value", ErrMalformed, k.Command)
	}
	return c, nil
}

// RequestFormat asks for another stream format.
type RequestFormat struct {
	Player *FormatDelta `json:"player,omitempty"`
}

// FormatDelta names what shall change; zero is unchanged.
type FormatDelta struct {
	Codec    string `json:"codec,omitempty"`
	Channels int    `json:"channels,omitempty"`
	Rate     int    `json:"sample_rate,omitempty"`
	Bits     int    `json:"bit_depth,omitempty"`
}

// Goodbye is why a client leaves.
type Goodbye string

// The reasons of client/goodbye.
const (
	AnotherServer Goodbye = "another_server" // do not reconnect by yourself; the client stays available
	Shutdown      Goodbye = "shutdown"       // do not reconnect
	Restart       Goodbye = "restart"        // reconnect
	UserRequest   Goodbye = "user_request"   // do not reconnect
)

// ClientGoodbye is a client's last message.
type ClientGoodbye struct {
	Reason Goodbye `json:"reason"`
}
