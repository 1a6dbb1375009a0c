package opus

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// ErrMissing tells that the binary was built without libopus.wasm, or for a
// processor on which it is too slow.
var ErrMissing = errors.New("opus: no encoder in this binary (run `make opus`, then build again, for amd64 or arm64)")

// files holds libopus.wasm where fetch.sh put it; libopus.md is always there.
//
//go:embed libopus.*
var files embed.FS

// fast tells whether WebAssembly is compiled here. On other processors wazero
// interprets it, which does not encode as fast as is played.
const fast = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

// Available tells whether the encoder was built in, and is fast enough here.
func Available() bool {
	_, err := files.Open("libopus.wasm")
	return err == nil && fast
}

// library is the compiled module. It is made at first use, once a process,
// because compiling takes a quarter of a second, and lives as long as the
// process: it holds code only, no goroutine and no file.
type library struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// load compiles the module.
var load = sync.OnceValues(func() (*library, error) {
	code, err := files.ReadFile("libopus.wasm")
	if err != nil || !fast {
		return nil, ErrMissing
	}
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(512))
	if err := host(ctx, r); err != nil {
		return nil, fmt.Errorf("opus: set up the host module: %w", err)
	}
	m, err := r.CompileModule(ctx, code)
	if err != nil {
		return nil, fmt.Errorf("opus: compile: %w", err)
	}
	return &library{runtime: r, module: m}, nil
})

// Load compiles libopus ahead of the first encoder, so that nobody waits for
// it. It may be called from any goroutine, any number of times.
func Load() error {
	_, err := load()
	return err
}

// errAborted is what libopus's abort ends a call with.
var errAborted = errors.New("libopus aborted")

// host gives the module its imports. The encoder opens no files: writing and
// seeking only succeed politely, and its heap is not allowed to grow.
func host(ctx context.Context, r wazero.Runtime) error {
	zero := func(context.Context, uint32) uint32 { return 0 }
	b := r.NewHostModuleBuilder("a")
	b.NewFunctionBuilder().WithFunc(func(context.Context, uint32, uint32, uint32, uint32) uint32 { return 0 }).Export("a")
	b.NewFunctionBuilder().WithFunc(func(context.Context, uint32, uint32, uint32, uint32, uint32) uint32 { return 0 }).Export("b")
	b.NewFunctionBuilder().WithFunc(func(context.Context) { panic(errAborted) }).Export("c")
	b.NewFunctionBuilder().WithFunc(zero).Export("d")
	b.NewFunctionBuilder().WithFunc(copyMemory).Export("e")
	b.NewFunctionBuilder().WithFunc(zero).Export("f")
	_, err := b.Instantiate(ctx)
	return err
}

// copyMemory is memcpy for large blocks.
func copyMemory(_ context.Context, m api.Module, dst, src, n uint32) uint32 {
	b, ok := m.Memory().Read(src, n)
	if !ok || !m.Memory().Write(dst, b) {
		panic(errAborted)
	}
	return dst
}
