package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type hlsCommand struct {
	Listen string `default:"127.0.0.1:8788" placeholder:"HOST:PORT" help:"Where to answer; 0.0.0.0:8788 for the whole network, without any sign-in."`
	Path   string `arg:"" name:"folder-or-file" help:"FLAC, MP3, AAC, ALAC or Opus; a folder with what is below it." type:"path"`
}

// Run serves until it is told to stop.
func (c hlsCommand) Run(ctx context.Context) (err error) {
	folder, err := gateway.OpenFolderHLS(c.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Printf("HLS of %s is at http://%s/\n", c.Path, listener.Addr())
	server := &http.Server{Handler: folder, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	stopped := server.Shutdown(patience)
	if errors.Is(stopped, context.DeadlineExceeded) {
		stopped = server.Close() // who is still there is cut off
	}
	<-ended
	if stopped != nil {
		return fmt.Errorf("stop serving: %w", stopped)
	}
	return nil
}
