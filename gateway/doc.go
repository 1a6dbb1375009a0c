// Package gateway composes the running gateway: it opens the data folder,
// starts the store, the library, the recommender, discovery, zones and the
// control interface, and carries what one of them knows to those that need it.
//
// The rooms below it know nothing of each other beyond what docs/architecture.md
// allows. What joins them is here: zone.Tracks over the library (tracks.go),
// zone.Flow over the recommender (flow.go), zone.Journal over the store
// (journal.go), members made from devices (members.go), views for the control
// interface (views.go).
//
// Every part has a Run that Gateway.Run starts and waits for.
package gateway
