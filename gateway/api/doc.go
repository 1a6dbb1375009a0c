// Package api is how people and programs control a gateway: REST under
// /api/v1, one WebSocket for everything that changes, sign-in, signed media
// URLs, and the page.
//
// openapi.yaml describes REST, ws.md the WebSocket; tests hold the server to
// both. The package owns accounts' sign-in, who may call what (one table, in
// routes.go), what is refused at the door (Host, Origin, size, time), and the
// state that clients follow (the hub). It does not own what it shows: music,
// zones and devices come in through the interfaces in ports.go, which the
// gateway satisfies. It opens no sockets; package listen does.
package api
