// Package scrobble hands listens on to a service that speaks ListenBrainz's API
// (https://listenbrainz.readthedocs.io/en/latest/users/api/core.html):
// listenbrainz.org itself, or one at home such as Maloja or Koito. It sends for
// nobody who did not ask for it.
//
// What was listened to waits in a [Queue] on disk until the service has taken
// it, however long it is away. [Service.Run] is the only one that talks to the
// network; everything else returns at once.
package scrobble
