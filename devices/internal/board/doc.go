// Package board hangs out the states of many things for others to read and watch.
// It owns the watchers' queues: a slow watcher misses steps, never the latest
// state, and holds up nobody.
package board
