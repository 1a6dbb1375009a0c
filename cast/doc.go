// Package cast is a Google Cast sender: it holds a connection to a device,
// launches the Default Media Receiver, gives it a queue, and follows what it
// does.
//
// A Sender speaks to one device or group. It does no discovery: whoever uses it
// says where the device is with Presence. It stands alone and imports nothing
// of the rest of this project.
//
// The wire is CASTV2: TLS, frames of at most 64 KiB with a protobuf envelope
// (proto/cast_channel.proto holds our description of it), JSON inside. What is
// known of it comes from public senders and Chromium's open-screen; devices
// differ, so readers here take what they understand and leave the rest.
package cast
