/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current dialect's parts, driven by lines of words, bytes in hexadecimal,
 * and what came of them as a line each. tests/vectors.py compares.
 *
 *   handshake OWN_PRIVATE REMOTE EPHEMERAL PSK PROLOGUE MESSAGE: answer, hash,
 *     payload, key to receive with, key to send with
 *   open KEY N DATA, seal KEY N DATA
 *   elligator2 U; x25519 SCALAR POINT; token VERSION DATA
 *   pair METHOD QR STATIC_CODE HASH INDEX RANDOM_FROM: begins an attempt
 *   in JSON: a message of the server; next: what is sent, if anything
 *   shown, kept: the code and the key of the attempt
 */
#include "cpace.h"
#include "jg_mbedtls.h"
#include "noise.h"
#include "pair.h"
#include "ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct jg_client c;
static struct jg_config config;
static struct jg_callbacks callbacks;
static struct jg_crypto crypto;
static struct jg_mbedtls mbedtls;
static uint8_t counter, kept[324];
static char shown[64];

static int blind(void *user, unsigned char *to, size_t size)
{
	(void)user;
	memset(to, 7, size);
	return 0;
}

static void count_up(void *user, uint8_t *to, size_t size)
{
	(void)user;
	while (size-- > 0) {
		*to++ = counter++;
	}
}

static void on_code(void *user, const char *code)
{
	(void)user;
	if (*code != '\0') {
		(void)snprintf(shown, sizeof shown, "%s", code);
	}
}

static size_t on_load(void *user, enum jg_key key, void *data, size_t size)
{
	(void)user;
	(void)key;
	(void)data;
	(void)size;
	return 0;
}

static void on_save(void *user, enum jg_key key, const void *data, size_t size)
{
	(void)user;
	if (key == JG_KEY_PAIRINGS && size <= sizeof kept) {
		memcpy(kept, data, size);
	}
}

/* The next word's bytes, into memory of its own; "-" is none. */
static uint8_t *bytes(size_t *size)
{
	static uint8_t all[8][131072];
	static unsigned turn;
	uint8_t *const to = all[turn++ % 8];
	const char *word = strtok(NULL, " ");
	size_t n = 0;
	for (; word != NULL && word[0] != '-' && word[0] != '\0'; word += 2, n++) {
		unsigned v = 0;
		(void)sscanf(word, "%2x", &v);
		to[n] = (uint8_t)v;
	}
	if (size != NULL) {
		*size = n;
	}
	return to;
}

static void put(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		(void)printf("%02x", data[i]);
	}
	(void)printf(size > 0 ? " " : "- ");
}

static void handshake(void)
{
	static const uint8_t base[32] = {9};
	struct jg_keypair own, ephemeral;
	struct jg_noise n;
	uint8_t h[32], answer[JG_NOISE_ANSWER], receive[32], send[32];
	size_t size, prologue;
	memcpy(own.private_key, bytes(NULL), 32);
	const uint8_t *const remote = bytes(NULL);
	memcpy(ephemeral.private_key, bytes(NULL), 32);
	const uint8_t *const psk = bytes(NULL);
	const uint8_t *const p = bytes(&prologue);
	uint8_t *const message = bytes(&size);
	const struct jg_part part = {p, prologue};
	(void)crypto.x25519(crypto.state, own.public_key, own.private_key, base);
	if (!jg_noise_prologue(&crypto, &part, 1, h) || !jg_noise_read(&n, &crypto, 0, h, &own, remote, message, size) ||
	    !jg_noise_answer(&n, &ephemeral, remote, psk, answer, receive, send)) {
		(void)printf("refused");
		return;
	}
	put(answer, sizeof answer);
	put(n.h, 32);
	put(message + 32, size - JG_NOISE_FIRST);
	put(receive, 32);
	put(send, 32);
}

static void cipher(bool seal)
{
	size_t size;
	const uint8_t *const key = bytes(NULL);
	const char *const count = strtok(NULL, " ");
	uint8_t *const data = bytes(&size);
	const uint64_t n = count != NULL ? (uint64_t)atoi(count) : 0;
	if (seal && jg_seal(&crypto, JG_SENDING_SLOT, key, n, NULL, 0, data, size)) {
		put(data, size + JG_TAG);
	} else if (!seal && size >= JG_TAG && jg_open(&crypto, 0, key, n, NULL, 0, data, size - JG_TAG)) {
		put(data, size - JG_TAG);
	} else {
		(void)printf("refused");
	}
}

static void pair(void)
{
	static char code[9];
	static uint8_t audio[8192];
	static int32_t scratch[1024];
	static const struct jg_format format = {48000, JG_PCM, 2, 16};
	const int method = atoi(strtok(NULL, " ")), qr = atoi(strtok(NULL, " "));
	(void)snprintf(code, sizeof code, "%s", strtok(NULL, " "));
	config = (struct jg_config){.client_id = "v", .name = "v", .formats = &format, .format_count = 1, .audio = audio, .audio_bytes = sizeof audio,
	                            .scratch = scratch, .scratch_samples = 1024, .crypto = &crypto};
	config.static_code = strlen(code) == 8 ? code : NULL;
	(void)jg_init(&c, &config, &callbacks, NULL, 0);
	memcpy(c.link[0].secure.h, bytes(NULL), 32);
	c.link[0].secure.pairings = (uint32_t)atoi(strtok(NULL, " "));
	counter = *bytes(NULL);
	c.current = &c.link[0];
	c.out_left = 1; /* nothing is sent by itself */
	c.link[0].state = JG_READY;
	jg_allow_pairing(&c, 0);
	jg_pair_start(&c, (uint8_t)method, qr != 0);
}

static void next(void)
{
	char text[JG_OUT_BYTES - JG_WS_HEAD_ROOM - JG_TAG - 15]; /* what the sending buffer holds at the least */
	struct jg_writer w = {text, text + sizeof text - 1, false, 0};
	if (c.pair.due == 0) {
		(void)printf("nothing");
		return;
	}
	(void)jg_pair_write(&c, &w);
	*w.at = '\0';
	(void)printf("%s", w.full ? "full" : text);
}

static void in(char *json)
{
	struct jg_message m;
	int r = jg_message_read(&m, json, strlen(json));
	r = r < 0 ? r : jg_pair_message(&c, &m);
	(void)printf("%s", jg_strerror(r));
}

static void one(char *line)
{
	size_t size;
	char *const rest = strchr(line, ' ');
	if (strncmp(line, "in ", 3) == 0) {
		in(rest + 1);
		return;
	}
	const char *const what = strtok(line, " ");
	if (strcmp(what, "handshake") == 0) {
		handshake();
	} else if (strcmp(what, "open") == 0 || strcmp(what, "seal") == 0) {
		cipher(what[0] == 's');
	} else if (strcmp(what, "elligator2") == 0) {
		uint8_t *const u = bytes(NULL);
		jg_elligator2(u);
		put(u, 32);
	} else if (strcmp(what, "x25519") == 0) {
		uint8_t out[32];
		const uint8_t *const scalar = bytes(NULL);
		const int r = crypto.x25519(crypto.state, out, scalar, bytes(NULL));
		put(out, r == JG_OK ? 32 : 0);
	} else if (strcmp(what, "token") == 0) {
		char text[256];
		const char version = *strtok(NULL, " ");
		const uint8_t *const data = bytes(&size);
		jg_pair_token(text, version, data, size);
		(void)printf("%s", text);
	} else if (strcmp(what, "pair") == 0) {
		pair();
	} else if (strcmp(what, "next") == 0) {
		next();
	} else if (strcmp(what, "shown") == 0) {
		(void)printf("%s", shown);
	} else if (strcmp(what, "kept") == 0) {
		put(kept + 32, 32);
	}
}

int main(int argc, char **argv)
{
	static char line[400000];
	mbedtls.random = blind;
	crypto = argc > 1 && strcmp(argv[1], "aesgcm") == 0 ? jg_mbedtls_crypto_aes(&mbedtls) : jg_mbedtls_crypto(&mbedtls);
	callbacks = (struct jg_callbacks){.write = (size_t(*)(void *, const int32_t *, size_t))abort, .random = count_up, .pairing_code = on_code,
	                                  .load = on_load, .save = on_save};
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		one(line);
		(void)printf("\n");
		(void)fflush(stdout);
	}
	return 0;
}
