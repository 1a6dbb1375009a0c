/* SPDX-License-Identifier: Apache-2.0 */
/* What a program with a player links of the core: everything it needs, and
 * nothing of its own beyond stubs. Without JG_SIZE_CORE it is the empty main
 * that is taken off. */
#include "jumpgate/jumpgate.h"

volatile int64_t size_now;
volatile size_t size_n;
void *volatile size_sink;

#ifdef JG_SIZE_CORE
static struct jg_client client;
static uint8_t audio[49152];
static int32_t scratch[2 * 4608];

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	size_sink = (void *)(uintptr_t)samples;
	return frames;
}

static void on_metadata(void *user, const struct jg_metadata *m)
{
	(void)user;
	size_sink = (void *)(uintptr_t)m->title;
}

static const struct jg_callbacks callbacks = {.write = on_write, .metadata = on_metadata};
#if JG_CRYPTO
static int on_hash(void *state, enum jg_hash_kind kind, const struct jg_part *parts, size_t count, uint8_t *out)
{
	(void)state, (void)kind, (void)parts, (void)count, (void)out;
	return 0;
}
static int on_curve(void *state, uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32])
{
	(void)state, (void)out, (void)scalar, (void)point;
	return 0;
}
static int on_start(void *state, unsigned slot, bool seal, const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_size)
{
	(void)state, (void)slot, (void)seal, (void)key, (void)nonce, (void)ad, (void)ad_size;
	return 0;
}
static int on_run(void *state, unsigned slot, const uint8_t *in, uint8_t *out, size_t size)
{
	(void)state, (void)slot, (void)in, (void)out, (void)size;
	return 0;
}
static int on_end(void *state, unsigned slot, uint8_t tag[16])
{
	(void)state, (void)slot, (void)tag;
	return 0;
}
static const struct jg_crypto crypto = {JG_CHACHAPOLY, on_hash, on_curve, on_start, on_run, on_end, NULL};
#endif
#ifdef JG_SIZE_FLAC
static const struct jg_format formats[] = {{44100, JG_FLAC, 2, 16}, {48000, JG_PCM, 2, 16}};
#else
static const struct jg_format formats[] = {{48000, JG_PCM, 2, 16}};
#endif
static const struct jg_config config = {.client_id = "device", .name = "Device", .formats = formats,
                                        .format_count = sizeof formats / sizeof formats[0], .audio = audio, .audio_bytes = sizeof audio,
                                        .scratch = scratch, .scratch_samples = 2 * 4608,
#if JG_CRYPTO
                                        .crypto = &crypto,
#endif
};
#endif

int main(void)
{
#ifdef JG_SIZE_CORE
	const uint8_t *out;
	if (jg_init(&client, &config, &callbacks, NULL, size_now) < 0) {
		return 1;
	}
	for (;;) {
		if (jg_want(&client, 0, size_now) == JG_WANT_CLOSE) {
			jg_closed(&client, 0, size_now);
		}
		(void)jg_opened(&client, jg_free_link(&client), true, size_now);
		(void)jg_received(&client, 0, size_sink, size_n, size_now);
		jg_sent(&client, 0, jg_output(&client, 0, &out), size_now);
		jg_audio_played(&client, 1, size_now);
		jg_set_volume(&client, 10);
		(void)jg_press(&client, JG_NEXT, 0);
#if JG_CRYPTO
		jg_allow_pairing(&client, size_now);
#endif
		(void)jg_poll(&client, size_now);
	}
#else
	return (int)size_now;
#endif
}
