// Package devices knows what is on the network that plays: which device it is,
// what it is called, whether it is there, and where it can be reached.
//
// A [Registry] puts together what is said of a device from three sides: what
// discovery sees ([Registry.Sight]), what a person typed ([Registry.AddManual])
// and what is connected ([Registry.Observe]). However many ways a device was
// found in, it is one [Device], under an id that outlives its addresses.
//
// The package does not discover, connect or play, keeps nothing on disk, and
// imports nothing of the project's but the board that it hangs its devices on:
// whoever composes the gateway hands the sightings of devices/mdns in, and gives
// devices to the adapters.
package devices
