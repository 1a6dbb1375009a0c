/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "flac_file.h"
#include "test.h"

#include <stdlib.h>

static int32_t out[2 * 4608];

static void pcm(void)
{
	const uint8_t s16[] = {0x34, 0x12, 0xFF, 0xFF, 0x00, 0x80, 0xFF, 0x7F};
	const uint8_t s24[] = {0x56, 0x34, 0x12, 0x00, 0x00, 0x80};
	const uint8_t s32[] = {0x78, 0x56, 0x34, 0x12};
	size_t used;
	for (size_t cut = 0; cut <= sizeof s16; cut++) {
		const struct jg_span in = {{s16, s16 + cut}, {cut, sizeof s16 - cut}};
		check_int(jg_pcm_decode(&(struct jg_format){48000, JG_PCM, 2, 16}, &in, &used, out, 100), 2);
		check(used == 8 && out[0] == 0x1234 && out[100] == -1 && out[1] == -32768 && out[101] == 32767);
		check_int(jg_pcm_decode(&(struct jg_format){48000, JG_PCM, 2, 16}, &in, &used, out, 1), 1);
		check_int(used, 4);
	}
	const struct jg_span a = {{s24, NULL}, {6, 0}}, b = {{s32, NULL}, {4, 0}}, c = {{s32, NULL}, {3, 0}};
	check_int(jg_pcm_decode(&(struct jg_format){48000, JG_PCM, 1, 24}, &a, &used, out, 100), 2);
	check(out[0] == 0x123456 && out[1] == -8388608);
	check_int(jg_pcm_decode(&(struct jg_format){48000, JG_PCM, 1, 32}, &b, &used, out, 100), 1);
	check(out[0] == 0x12345678);
	check_int(jg_pcm_decode(&(struct jg_format){48000, JG_PCM, 1, 32}, &c, &used, out, 100), JG_ERR_STREAM);
}

/* The example of RFC 9639, appendix D.1. */
static const uint8_t example1[] = {
	0x66, 0x4c, 0x61, 0x43, 0x80, 0x00, 0x00, 0x22, 0x10, 0x00, 0x10, 0x00, 0x00, 0x00, 0x0f, 0x00, 0x00, 0x0f, 0x0a, 0xc4, 0x42, 0xf0,
	0x00, 0x00, 0x00, 0x01, 0x3e, 0x84, 0xb4, 0x18, 0x07, 0xdc, 0x69, 0x03, 0x07, 0x58, 0x6a, 0x3d, 0xad, 0x1a, 0x2e, 0x0f, 0xff, 0xf8,
	0x69, 0x18, 0x00, 0x00, 0xbf, 0x03, 0x58, 0xfd, 0x03, 0x12, 0x8b, 0xaa, 0x9a};

static int32_t got[2][32];
static size_t got_count;

static void keep(void *user, const struct jg_format *f, const int32_t *samples, size_t stride, int n)
{
	(void)user;
	for (int i = 0; i < n && got_count < 32; i++, got_count++) {
		got[0][got_count] = samples[i];
		got[1][got_count] = samples[(f->channels > 1 ? stride : 0) + (size_t)i];
	}
}

static void rfc_example(void)
{
	for (size_t seam = 0; seam < sizeof example1; seam++) {
		got_count = 0;
		check_int(flac_file(example1, sizeof example1, seam, out, 4608, keep, NULL), 1);
		check(got[0][0] == 25588 && got[1][0] == 10416);
	}
}

/* Damage is found wherever it is, and cut frames ask for more. */
static void damage(void)
{
	static uint8_t copy[sizeof example1];
	struct jg_flac f;
	size_t used;
	check_int(jg_flac_start(&f, &(struct jg_format){44100, JG_FLAC, 2, 16}, example1, 42), JG_OK);
	for (size_t bit = 42 * 8; bit < sizeof example1 * 8; bit++) {
		memcpy(copy, example1, sizeof copy);
		copy[bit / 8] ^= (uint8_t)(0x80u >> (bit & 7));
		const struct jg_span in = {{copy + 42, NULL}, {sizeof copy - 42, 0}};
		const int r = jg_flac_decode(&f, &in, &used, out, 4608);
		check(r < 0 && used == 0);
	}
	for (size_t size = 0; size < sizeof example1 - 42; size++) {
		const struct jg_span in = {{example1 + 42, NULL}, {size, 0}};
		check_int(jg_flac_decode(&f, &in, &used, out, 4608), JG_ERR_MORE);
	}
}

static void headers(void)
{
	struct jg_flac f;
	uint8_t head[42];
	const struct jg_format format = {44100, JG_FLAC, 2, 16};
	memcpy(head, example1, 42);
	check_int(jg_flac_start(&f, &format, NULL, 0), JG_OK);
	check_int(jg_flac_start(&f, &format, head, 41), JG_ERR_STREAM);
	head[0] = 'F';
	check_int(jg_flac_start(&f, &format, head, 42), JG_ERR_STREAM);
	check_int(jg_flac_start(&f, &(struct jg_format){44100, JG_FLAC, 1, 16}, example1, 42), JG_ERR_FORMAT);
}

static uint8_t *load(const char *name, size_t *size)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
	FILE *const file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		printf("%s is missing\n", path);
		return NULL;
	}
	*size = (size_t)ftell(file);
	rewind(file);
	uint8_t *const data = malloc(*size);
	if (data == NULL || fread(data, 1, *size, file) != *size) {
		*size = 0;
	}
	(void)fclose(file);
	return data;
}

static uint32_t sum;

/* FNV-1a over the samples as `flac -d` writes them */
static void add(void *user, const struct jg_format *f, const int32_t *samples, size_t stride, int n)
{
	(void)user;
	for (int i = 0; i < n; i++) {
		for (size_t c = 0; c < f->channels; c++) {
			for (unsigned k = 0; k < f->bits; k += 8) {
				sum = (sum ^ ((uint32_t)samples[c * stride + (size_t)i] >> k & 0xFF)) * 16777619u;
			}
		}
	}
}

/* Files of other encoders, with the sum of what the reference decoder makes of
 * them: make-flac.sh wrote both. */
static void other_encoders(void)
{
	size_t size = 0;
	char *const list = (char *)load("sums.txt", &size);
	check(list != NULL && size > 0);
	unsigned files = 0;
	for (const char *line = list; line < list + size;) {
		char name[64];
		unsigned long wanted;
		size_t bytes = 0;
		check(sscanf(line, "%63s %lx", name, &wanted) == 2);
		uint8_t *const data = load(name, &bytes);
		check(data != NULL);
		for (size_t seam = 0; seam < 3; seam++) {
			sum = 2166136261u;
			const int r = flac_file(data, bytes, seam == 0 ? bytes : seam * 777, out, 4608, add, NULL);
			if (r <= 0 || sum != wanted) {
				printf("%s: %s\n", name, r < 0 ? jg_strerror(r) : "other samples");
			}
			check(r > 0 && sum == wanted);
		}
		free(data);
		files++;
		while (line < list + size && *line++ != '\n') {
		}
	}
	free(list);
	check(files >= 10);
}

static void large_blocks(void)
{
	size_t size = 0;
	uint8_t *const data = load("stereo16.flac", &size);
	check(data != NULL);
	check_int(flac_file(data, size, size, out, 100, add, NULL), JG_ERR_BLOCK);
	free(data);
}

const struct test tests_decode[] = {TEST(pcm), TEST(rfc_example), TEST(damage), TEST(headers), TEST(other_encoders), TEST(large_blocks), {NULL, NULL}};
