// Package member holds the adapters that make devices members of a zone: each
// turns one kind of device into the zone.Output, zone.Leader and zone.Presenter
// that package zone declares, and the zone's calls into the device's protocol.
//
// It owns the translation and what it takes to keep a device in step with its
// zone. It does not own the protocols (packages cast, devices/sendspin, hls),
// nor which device is in which zone (package gateway), nor what is played
// (package zone).
package member
