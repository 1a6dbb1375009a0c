// Package background lets work that nobody waits for step back behind what
// somebody hears. It owns the one way in which the gateway does that.
package background
