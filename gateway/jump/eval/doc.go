// Command eval measures the recommender on recorded listening, so that a
// change to it can be judged by figures:
//
//	go run ./gateway/jump/eval --data DIR [--protocol AB] [--method engine|baseline] [--json]
//
// DIR holds files in these formats (gzip; a missing one skips its protocols):
//
//	nowplaying_train.txt.gz, nowplaying_test.txt.gz  a session a line: item ids in order, sessions in order of time
//	polimi2018_playlists.txt.gz                      playlist id, TAB, track ids
//	polimi2018_tracks.csv.gz                         track, album, artist, seconds
//	lastfm_kgat_users.txt.gz                         user id, then track ids in order, with repeats
//
// The protocols A to H are described in docs/recommender.md. All rank every
// candidate and none a sample; what ties with a target stands before it. There
// is no randomness: equal data gives equal figures.
//
// The method "baseline" measures plain neighbours in place of the engine. Their
// figures are known from elsewhere, which is how this command itself is tested.
package main
