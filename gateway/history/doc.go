// Package history reads what somebody listened to elsewhere, and finds it in the
// library: exports of ListenBrainz, Last.fm and Spotify, and M3U playlists.
//
// It owns the formats and the matching: first by MusicBrainz recording ids, then
// by names, at last by names that nearly agree. It reads from what it is given,
// keeps nothing, and knows neither the store nor the recommender: those who ask
// it say what the library has, and get track ids and a report of what was not
// found.
//
// Sources of the formats: the ListenBrainz documentation ("JSON format of
// listens" and its exports), Spotify's "Read Me First" for the extended streaming
// history, and the column names that the common exporters of Last.fm scrobbles
// write.
package history
