package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
)

const (
	// recommenderFile is where the recommender's engine is kept, in the data
	// folder. All of it can be made from the store: it only saves time.
	recommenderFile = "recommender.snapshot"
	// savedAge is how often the engine is kept while something was played.
	savedAge = time.Hour
)

// keptEngine is what of the store an engine was told: how its snapshot and the
// store are brought together. It belongs to the engine's goroutine.
type keptEngine struct {
	told
	reopened  bool // the engine comes from the file
	dirty     bool
	catalogue string // mark of what there was
	playlists uint64 // the store's revision of those
	fitted    time.Time
}

// keptHead is the first line of the file.
type keptHead struct {
	told
	Plays     string // mark of those up to Floor
	Catalogue string
	Sound     int // version of the features
	Fitted    time.Time
}

// age is how old the vectors are.
func (k *keptEngine) age() time.Duration { return time.Since(k.fitted) }

func (r *recommender) file() string { return filepath.Join(r.data, recommenderFile) }

// open returns an engine that knows what is in the store: the one that was kept,
// told what came since, or a new one that is told everything.
func (r *recommender) open(ctx context.Context) (*jump.Engine, error) {
	engine, err := r.reopen(ctx)
	if err == nil {
		r.kept.reopened = true
		return engine, nil
	}
	if !errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil {
		r.log.Warn("what was kept of the recommender is not used: it is told everything again", "cause", err)
	}
	engine = jump.New(jump.Config{})
	r.kept.told, r.kept.catalogue, err = r.fill(ctx, engine)
	if err != nil {
		return nil, err
	}
	r.kept.dirty = true
	return engine, nil
}

// reopen reads the file. What is not as it was, the catalogue and the sounds, is
// brought in line later: see watchLibrary and catchUp.
func (r *recommender) reopen(ctx context.Context) (*jump.Engine, error) {
	if r.data == "" {
		return nil, fs.ErrNotExist
	}
	f, err := os.Open(r.file())
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReaderSize(f, 1<<20)
	line, err := in.ReadSlice('\n')
	var head keptHead
	if err == nil {
		err = json.Unmarshal(line, &head)
	}
	if err != nil {
		return nil, fmt.Errorf("read its first line: %w", err)
	}
	if head.Sound != sound.Version {
		return nil, fmt.Errorf("its sounds are of version %d, not %d", head.Sound, sound.Version)
	}
	mark, err := r.store.PlaysMark(ctx, head.Floor)
	if err != nil {
		return nil, err
	}
	if mark != head.Plays {
		return nil, errors.New("some of the plays that it knows were taken back")
	}
	engine, err := jump.Decode(jump.Config{}, in)
	if err != nil {
		return nil, err
	}
	return engine, r.resume(ctx, engine, head)
}

// resume tells an engine that was kept what came since.
func (r *recommender) resume(ctx context.Context, engine *jump.Engine, head keptHead) error {
	engine.ForgetSaid()
	if err := r.fillSaid(ctx, engine); err != nil {
		return err
	}
	r.kept.told, r.kept.catalogue, r.kept.fitted = head.told, head.Catalogue, head.Fitted
	if err := r.teachMore(ctx, engine); err != nil {
		return err
	}
	return r.fillPlaylists(ctx, engine)
}

// catchUp brings an engine that was kept in line with the library, without
// keeping anybody waiting.
func (r *recommender) catchUp(ctx context.Context) {
	r.refresh(ctx)
	sounds := map[string]sound.Features{}
	err := r.store.EachSound(ctx, sound.Version, func(track string, raw []byte) {
		if features, err := sound.Parse(raw); err == nil {
			sounds[track] = features
		}
		if len(sounds) == 1000 {
			r.heard(ctx, sounds)
			sounds = map[string]sound.Features{}
		}
	})
	r.notRead(ctx, err)
	r.heard(ctx, sounds)
}

// save keeps the engine, if it learned something since that was done last.
func (r *recommender) save(ctx context.Context, engine *jump.Engine) {
	if !r.kept.dirty || r.data == "" {
		return
	}
	if err := r.write(ctx, engine); err != nil {
		r.log.Warn("the recommender could not be kept: the next start takes longer", "error", err)
		return
	}
	r.kept.dirty = false
}

func (r *recommender) write(ctx context.Context, engine *jump.Engine) error {
	mark, err := r.store.PlaysMark(ctx, r.kept.Floor)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	head := keptHead{
		told: r.kept.told, Plays: mark, Catalogue: r.kept.catalogue,
		Sound: sound.Version, Fitted: r.kept.fitted,
	}
	if err := json.NewEncoder(&b).Encode(head); err != nil {
		return err
	}
	if err := engine.Encode(&b); err != nil {
		return err
	}
	return writeFile(r.file(), b.Bytes())
}

// discard removes what was kept: somebody took something back.
func (r *recommender) discard() {
	r.kept.dirty = true
	if err := os.Remove(r.file()); err != nil && !errors.Is(err, fs.ErrNotExist) && r.data != "" {
		r.log.Error("what was kept of the recommender could not be removed", "error", err)
	}
}
