package sendspin

import "github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"

// The parts of the protocol's messages that a server's owner meets, so that it
// needs no second import.
type (
	// Hello is what a client says of itself.
	Hello = wire.ClientHello
	// Role is a role with its version.
	Role = wire.Role
	// Metadata describes what plays; nil fields clear what was shown.
	Metadata = wire.Metadata
	// Progress is how far playback is.
	Progress = wire.Progress
	// Controller is what a client's buttons may do.
	Controller = wire.Controller
	// Command is a press of one.
	Command = wire.ControllerCommand
	// Color is what lights take their colours from.
	Color = wire.Color
	// Jumpgate is what the buttons of our own role do.
	Jumpgate = wire.Jumpgate
	// Reason is why a server connects.
	Reason = wire.Reason
)

// The roles and reasons under the names of package wire.
const (
	PlayerV1     = wire.PlayerV1
	ControllerV1 = wire.ControllerV1
	MetadataV1   = wire.MetadataV1
	ArtworkV1    = wire.ArtworkV1
	ColorV1      = wire.ColorV1
	VisualizerV1 = wire.VisualizerV1
	SourceV1     = wire.SourceV1

	AnnouncementV1 = wire.AnnouncementV1

	JumpgateV1 = wire.JumpgateV1
	Discovery  = wire.Discovery
	Playback   = wire.Playback
)
