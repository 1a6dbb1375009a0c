// Package opus encodes Opus packets with libopus, compiled to WebAssembly and
// run by wazero: no C compiler and no shared library is needed.
//
// It owns the encoder and the way its module comes into the binary: fetch.sh
// takes libopus.wasm from a pinned npm package, and a build that finds it in
// this folder embeds it. A build without it compiles too; Available is false
// then and NewEncoder fails with ErrMissing. It does not decode, and knows
// nothing else of the project.
package opus
