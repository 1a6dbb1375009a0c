//go:build race

package zone_test

// raceDetector tells that the tests run under the race detector, ten times
// slower.
const raceDetector = true
