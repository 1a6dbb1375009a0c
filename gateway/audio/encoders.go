package audio

// Encoders makes encoders: those of this binary and, where there is an FFmpeg, AAC.
// It is safe for concurrent use.
type Encoders struct{ FFmpeg *FFmpeg }

// New is NewEncoder with AAC. An AAC encoder is a process, which runs from the
// first samples on; it has to be closed.
func (e Encoders) New(f Format) (Encoder, error) {
	if f.Codec == AAC {
		return newAACEncoder(f, e.FFmpeg)
	}
	return NewEncoder(f)
}

// Available is EncoderAvailable with AAC. The first question after AAC runs ffmpeg.
func (e Encoders) Available(c Codec) bool {
	if c == AAC {
		return e.FFmpeg != nil && e.FFmpeg.encodesAAC()
	}
	return EncoderAvailable(c)
}
