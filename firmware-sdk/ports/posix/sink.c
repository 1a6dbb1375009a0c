/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A WAV file and a pipe play by our clock, or by one that is off by so many
 * parts per million, through a buffer like that of a sound card. What the card
 * would play while it has nothing is written as zeros, so that the file is true
 * in time from its first frame.
 */
#include "sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ALSA
#include <alsa/asoundlib.h>
#endif

struct sink {
	struct sink_config config;
	FILE *out;
	struct jg_format format;
	int32_t *buffer; /* frames that wait, a ring */
	size_t room, head, have;
	uint64_t bytes; /* in the file */
	bool running;
	int64_t last;
	double phase; /* parts of a frame that were played */
	int32_t trim;
#ifdef HAVE_ALSA
	snd_pcm_t *card;
	uint64_t given, told;
#endif
};

struct sink *sink_open(const struct sink_config *config)
{
	struct sink *s = calloc(1, sizeof *s);
	if (s == NULL) {
		return NULL;
	}
	s->config = *config;
	if (config->wav != NULL) {
		s->out = fopen(config->wav, "wb");
	} else if (config->pipe) {
		s->out = stdout;
	}
	if ((config->wav != NULL && s->out == NULL)) {
		perror(config->wav);
		free(s);
		return NULL;
	}
	return s;
}

static void le(uint8_t *to, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		to[i] = (uint8_t)(v >> (8 * i));
	}
}

static void wav_head(struct sink *s)
{
	const unsigned frame = s->format.channels * s->format.bits / 8u;
	uint8_t h[44] = {'R', 'I', 'F', 'F', [8] = 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', [36] = 'd', 'a', 't', 'a'};
	le(h + 4, (uint32_t)(36 + s->bytes), 4);
	le(h + 16, 16, 4);
	le(h + 20, 1, 2);
	le(h + 22, s->format.channels, 2);
	le(h + 24, s->format.rate, 4);
	le(h + 28, s->format.rate * frame, 4);
	le(h + 32, frame, 2);
	le(h + 34, s->format.bits, 2);
	le(h + 40, (uint32_t)s->bytes, 4);
	rewind(s->out);
	(void)fwrite(h, 1, sizeof h, s->out);
	(void)fseek(s->out, 0, SEEK_END);
}

#ifdef HAVE_ALSA
static int card_open(struct sink *s)
{
	if (s->card != NULL) {
		(void)snd_pcm_drain(s->card);
		(void)snd_pcm_close(s->card);
		s->card = NULL;
	}
	int r = snd_pcm_open(&s->card, s->config.alsa, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
	if (r == 0) {
		r = snd_pcm_set_params(s->card, SND_PCM_FORMAT_S32, SND_PCM_ACCESS_RW_INTERLEAVED, s->format.channels, s->format.rate, 0,
		                       s->config.buffer_ms * 1000);
	}
	if (r < 0) {
		(void)fprintf(stderr, "%s: %s\n", s->config.alsa, snd_strerror(r));
	}
	s->given = s->told = 0;
	return r < 0 ? JG_ERR_FORMAT : JG_OK;
}
#endif

int sink_configure(struct sink *s, const struct jg_format *format)
{
	const bool same = s->format.rate == format->rate && s->format.channels == format->channels && s->format.bits == format->bits;
	if (same) {
		return JG_OK;
	}
	if (s->bytes > 0 && s->config.wav != NULL) {
		(void)fprintf(stderr, "a WAV file holds one format; the rest is not written\n");
		return JG_ERR_FORMAT;
	}
	s->format = *format;
#ifdef HAVE_ALSA
	if (s->config.alsa != NULL) {
		return card_open(s);
	}
#endif
	s->room = format->rate * s->config.buffer_ms / 1000;
	free(s->buffer);
	s->buffer = calloc(s->room * format->channels, sizeof *s->buffer);
	s->head = s->have = 0;
	s->running = false;
	if (s->config.wav != NULL) {
		wav_head(s);
	}
	return s->buffer != NULL ? JG_OK : JG_ERR_ROOM;
}

size_t sink_write(struct sink *s, const int32_t *samples, size_t frames)
{
#ifdef HAVE_ALSA
	if (s->card != NULL) {
		snd_pcm_sframes_t n = snd_pcm_writei(s->card, samples, frames);
		if (n == -EPIPE) {
			(void)snd_pcm_prepare(s->card);
			n = snd_pcm_writei(s->card, samples, frames);
		}
		s->given += n > 0 ? (uint64_t)n : 0;
		return n > 0 ? (size_t)n : 0;
	}
#endif
	size_t n = 0;
	for (; n < frames && s->have < s->room; n++, s->have++) {
		const size_t at = (s->head + s->have) % s->room;
		memcpy(&s->buffer[at * s->format.channels], &samples[n * s->format.channels], s->format.channels * sizeof *samples);
	}
	return n;
}

void sink_trim(struct sink *s, int32_t ppm)
{
	s->trim = ppm;
}

static void put_frame(struct sink *s, const int32_t *frame)
{
	const unsigned bytes = s->format.bits / 8u;
	uint8_t coded[8 * 4];
	for (unsigned c = 0; c < s->format.channels; c++) {
		le(coded + c * bytes, frame == NULL ? 0 : (uint32_t)frame[c] >> (32 - s->format.bits), bytes);
	}
	if (s->out != NULL) {
		(void)fwrite(coded, 1, bytes * s->format.channels, s->out);
	}
	s->bytes += bytes * s->format.channels;
}

/* The frames that a sound card would have played since the last time. */
static void play(struct sink *s, struct jg_client *c, int64_t now)
{
	const double rate = s->format.rate * (1 + (s->config.ppm + s->trim) * 1e-6) * 1e-6; /* frames a us */
	if (!s->running) {
		s->running = s->have >= s->room; /* cards start when they are full */
		s->last = now;
		s->phase = 0;
		return;
	}
	s->phase += (double)(now - s->last) * rate;
	s->last = now;
	size_t due = (size_t)s->phase;
	s->phase -= (double)due;
	uint32_t played = 0;
	for (; due > 0; due--) {
		put_frame(s, s->have > 0 ? &s->buffer[s->head * s->format.channels] : NULL);
		if (s->have > 0) {
			s->head = (s->head + 1) % s->room;
			s->have--;
			played++;
		}
	}
	if (played > 0) {
		jg_audio_played(c, played, now - (int64_t)(s->phase / rate));
	}
}

int64_t sink_run(struct sink *s, struct jg_client *c, int64_t now)
{
#ifdef HAVE_ALSA
	snd_pcm_sframes_t waits;
	if (s->card != NULL) {
		if (snd_pcm_delay(s->card, &waits) == 0 && waits >= 0 && s->given >= (uint64_t)waits && s->given - (uint64_t)waits > s->told) {
			const uint64_t played = s->given - (uint64_t)waits;
			jg_audio_played(c, (uint32_t)(played - s->told), now);
			s->told = played;
		}
		return 5000;
	}
#endif
	if (s->buffer != NULL) {
		play(s, c, now);
	}
	return 5000;
}

void sink_close(struct sink *s)
{
	if (s == NULL) {
		return;
	}
	for (; s->have > 0; s->have--) { /* a file has time for what waits */
		put_frame(s, &s->buffer[s->head * s->format.channels]);
		s->head = (s->head + 1) % s->room;
	}
	if (s->config.wav != NULL && s->out != NULL) {
		wav_head(s);
		(void)fclose(s->out);
	}
#ifdef HAVE_ALSA
	if (s->card != NULL) {
		(void)snd_pcm_close(s->card);
	}
#endif
	free(s->buffer);
	free(s);
}
