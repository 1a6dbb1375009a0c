package hls

import (
	"net/http"
	"strconv"
)

// segment is a fragment of the i-th segment's frames.
func (v *VOD) segment(i int) *mediaBody {
	from, to := v.starts[i], v.starts[i+1]
	end := v.starts[len(v.starts)-1].frame
	head := fragmentHead(uint32(i+1), from.time, to.frame-from.frame, 0, func(k int) (int, uint32) {
		_, size, dur := v.track.Frame(from.frame + k)
		if from.frame+k == end-1 {
			dur = v.last
		}
		return size, dur
	})
	b := &mediaBody{file: v.track, name: strconv.Itoa(i)}
	b.add(mediaPiece{head: head, size: int64(len(head))})
	for f := from.frame; f < to.frame; f++ {
		off, size, _ := v.track.Frame(f)
		b.add(mediaPiece{off: off, size: int64(size)})
	}
	return b
}

// packedSegment is the i-th segment as packed audio.
func (v *VOD) packedSegment(i int) *mediaBody {
	from, to := v.starts[i], v.starts[i+1]
	tag := timestampTag(v.codec, from.time)
	b := &mediaBody{file: v.track, name: strconv.Itoa(i) + v.packed.extension}
	b.add(mediaPiece{head: tag, size: int64(len(tag))})
	each := v.packed.headSize()
	heads := make([]byte, 0, each*(to.frame-from.frame))
	for f := from.frame; f < to.frame; f++ {
		off, size, _ := v.track.Frame(f)
		if each > 0 {
			heads = v.packed.frameHead(heads, size)
			b.add(mediaPiece{head: heads[len(heads)-each:], size: int64(each)})
		}
		b.add(mediaPiece{off: off, size: int64(size)})
	}
	return b
}

func (v *VOD) serveSegment(w http.ResponseWriter, r *http.Request, b *mediaBody, mime string) {
	h := w.Header()
	h.Set("Content-Type", mime)
	h["Cache-Control"] = cacheFixed
	h.Set("Etag", `"`+v.version+"-"+b.name+`"`)
	b.send(w, r)
}
