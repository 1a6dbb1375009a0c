// Package sound measures what a track sounds like: a vector of [Size] numbers
// for its loudness, brightness, rhythm, harmony and timbre, from one or more
// excerpts of its samples. Tracks that sound alike have vectors that lie close
// together once each number has been scaled by its spread in the library.
//
// It owns the measuring and the meaning of each number, and nothing else: it
// opens no files, keeps nothing, and imports nothing else of the project's.
//
// The numbers are those that music information retrieval settled on: short-time
// spectra and their moments (Tzanetakis and Cook, "Musical Genre Classification
// of Audio Signals", 2002), mel-frequency cepstral coefficients (Davis and
// Mermelstein, 1980; Logan, "Mel Frequency Cepstral Coefficients for Music
// Modeling", 2000), tempo by the autocorrelation of the onset strength under a
// preference for walking pace (Ellis, "Beat Tracking by Dynamic Programming",
// 2007), and key by the probe-tone profiles of Krumhansl and Kessler (1982).
package sound
