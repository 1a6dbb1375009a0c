// Package cast is a Google Cast sender: it holds a connection to a device,
// launches the Default Media Receiver or another application, gives it a queue,
// and follows what it does.
//
// A Sender speaks to one device or group. It does no discovery: whoever uses it
// says where the device is with Presence, and again when it has moved. It stands
// alone and imports nothing of the rest of this project.
//
//	sender := cast.NewSender(cast.Config{})
//	go sender.Run(ctx)                       // connects, and again after a drop
//	sender.Presence(addr)                    // from mDNS, or typed in
//	err := sender.Connected(ctx)             // waits for it
//	err = sender.Load(ctx, items, 0)         // launch, queue, play
//	for status := range sender.Statuses() {} // the newest after every change
//
// Once does all of that for a program that says one thing.
//
// # Goroutines and errors
//
// Run is called once, and all else from any goroutine; nothing but Connected and
// the requests waits. A request ends with its context, at the latest when the
// device has not answered within its time (ErrSilent: 10 s, a launch or a load
// 30 s). Without a connection it fails with ErrOffline, with nothing of ours on
// the device with ErrIdle. A refusal is a *RequestError, with the device's own
// words and code, and a sentence for people. Errors say which request failed and
// wrap these: test with errors.Is and errors.As.
//
// # Whose playback it is
//
// Items carry the caller's own ids, which the device echoes. What does not carry
// one is somebody else's: Status.Foreign is set, commands return ErrTaken, Stop
// does nothing, and the end of Run leaves everything as it is. Only Load and
// Launch take the device back.
//
// # The queue
//
// Load gives the device a queue; Insert, Remove, Reorder and JumpTo edit it by
// our ids; Follow makes its end what it should be by the fewest edits, without a
// pause in what plays. Status.Edits counts what others changed; Queue reads the
// whole of it, and Sender.Media what plays, whoever's it is.
//
// # Staying alive
//
// A connection is given up when the device has said nothing for 12 s, and made
// again with a backoff; what plays is adopted, not loaded again. What was paused
// when the device closed the application (Status.Held), or rebooted, is loaded
// again by Play at its position. Status.Stalled tells of a device that took a
// load and hangs.
//
// # The wire
//
// CASTV2: TLS with the device's own certificate (Config.Trust, Pin), frames of at
// most 64 KiB with a protobuf envelope (proto/cast_channel.proto holds our
// description of it), JSON inside. What is known of it comes from public senders,
// Google's reference of the Web Receiver and Chromium's open-screen; devices
// differ, so readers here take what they understand and leave the rest.
// docs/cast.md has the tour, and says what was proved against what.
package cast
