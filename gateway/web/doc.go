// Package web carries the browser app: the remote control, the library and,
// after a tap on "Listen here", a speaker of its own.
//
// The app is TypeScript under src, built by Vite into dist and embedded from
// there when the gateway is compiled. The bundle is not kept in the
// repository: without it the package still builds, and Bundle says that there
// is no page to serve.
//
// This package owns the files of the app. It does not serve them: headers,
// caching and sign-in belong to package api.
package web
