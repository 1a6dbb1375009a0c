/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jumpgate firmware SDK: a synchronised network player for any device.
 *
 * The core does no input or output, allocates nothing and starts no threads.
 * You hold the memory, the sockets and the clock:
 *
 *   - a TCP connection came up:  jg_opened(), then what it receives to
 *     jg_received(), what jg_output() hands out into the socket, and
 *     jg_closed() when it has ended;
 *   - call jg_poll() when it asked to be called, and after each of the above;
 *   - your audio output takes samples in the `write` callback and says what it
 *     has played with jg_audio_played().
 *
 * Threads: every function and every callback belongs to one thread, the one
 * that calls jg_poll(). jg_audio_played() alone may be called from an interrupt
 * or another thread. Times are microseconds of one clock of yours that never
 * goes backwards; it may start anywhere.
 *
 * Errors are negative (enum jg_error), JG_OK is 0. docs/guide.md goes from
 * nothing to sound in 30 lines.
 */
#ifndef JUMPGATE_H
#define JUMPGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jumpgate/jumpgate_config.h"

#ifdef __cplusplus
extern "C" {
#endif

#define JG_VERSION 0x00010000 /* 0.1.0: two digits each */
#define JG_VERSION_STRING "0.1.0"
#define JG_WIRE_VERSION 1 /* of Sendspin's core messages */

enum jg_error {
	JG_OK = 0,
	JG_ERR_ARGUMENT = -1,  /* a parameter that cannot be right */
	JG_ERR_MORE = -2,      /* the input ends too early */
	JG_ERR_STATE = -3,     /* not now: no connection, or the role is not active */
	JG_ERR_ROOM = -4,      /* a buffer of yours is too small */
	JG_ERR_HTTP = -5,      /* not a WebSocket upgrade */
	JG_ERR_FRAME = -6,     /* against RFC 6455 */
	JG_ERR_JSON = -7,      /* not JSON, too deep, or a value of the wrong type */
	JG_ERR_MESSAGE = -8,   /* JSON, but no message that may come now */
	JG_ERR_FORMAT = -9,    /* an audio format that this device did not offer */
	JG_ERR_BLOCK = -10,    /* a FLAC block larger than the scratch memory */
	JG_ERR_STREAM = -11,   /* coded audio that does not follow its format */
	JG_ERR_CHECKSUM = -12, /* coded audio that was damaged */
	JG_ERR_TIMEOUT = -13,  /* the server does not answer, or does not read */
	JG_ERR_CRYPTO = -14,   /* a message that was not sealed with our key */
	JG_ERR_REFUSED = -15,  /* another server is being listened to */
};

/* What an error means, in English; never NULL. */
const char *jg_strerror(int error);

/* ---- Audio formats ----------------------------------------------------- */

enum jg_codec { JG_PCM, JG_FLAC, JG_OPUS };

struct jg_format {
	uint32_t rate;    /* Hz, 8000 to 192000 */
	uint8_t codec;    /* enum jg_codec */
	uint8_t channels; /* 1 to JG_CHANNELS */
	uint8_t bits;     /* 16, 24 or 32; of FLAC 16 or 24 */
};

/* Coded bytes in up to two pieces, because a ring buffer wraps. */
struct jg_span {
	const uint8_t *data[2];
	size_t size[2];
};

/* A decoder. Those for PCM and FLAC are inside; ports/opus shows another. */
struct jg_decoder {
	uint8_t codec;
	/* A stream begins, or was cleared: forget what went before. header is what
	 * the server calls codec_header, NULL with size 0 if there is none. */
	int (*start)(void *state, const struct jg_format *format, const uint8_t *header, size_t size);
	/* Decodes what fits. Samples are signed, of format->bits, channel c at
	 * out[c * stride]; at most stride of each. Sets *used to the bytes taken and
	 * returns the samples of one channel, or an error. */
	int (*decode)(void *state, const struct jg_span *in, size_t *used, int32_t *out, size_t stride);
	void *state;
};

/* ---- What the server tells --------------------------------------------- */

/* Texts live until the callback returns. NULL: not said in this message, so as
 * before; "": cleared. */
struct jg_metadata {
	const char *title, *artist, *album_artist, *album, *artwork_url;
	bool has_progress;
	int32_t position_ms;   /* at the time of the callback */
	int32_t duration_ms;   /* 0: unknown */
	int32_t speed;         /* thousandths: 1000 plays, 0 is paused */
};

enum jg_command {
	JG_PLAY = 1 << 0,
	JG_PAUSE = 1 << 1,
	JG_STOP = 1 << 2,
	JG_NEXT = 1 << 3,
	JG_PREVIOUS = 1 << 4,
	JG_GROUP_VOLUME = 1 << 5,
	JG_GROUP_MUTE = 1 << 6,
	/* Jumpgate's own */
	JG_JUMP = 1 << 7,
	JG_LIKE = 1 << 8,
	JG_DISLIKE = 1 << 9,
};

enum jg_rating { JG_UNRATED, JG_LIKED, JG_DISLIKED };

struct jg_group {
	uint16_t commands; /* enum jg_command: what the buttons may ask for now */
	uint8_t volume;    /* of the whole group, 0 to 100 */
	bool muted;
	bool playing;
	uint8_t rating; /* enum jg_rating, of the track that plays; with Jumpgate */
};

enum jg_goodbye { JG_ANOTHER_SERVER, JG_SHUTDOWN, JG_RESTART, JG_USER_REQUEST };

/* What is kept over a power cycle. */
enum jg_key {
	JG_KEY_SETTINGS, /* volume, mute, delay, last server: 16 bytes */
	JG_KEY_IDENTITY, /* private key and pairing key, secret: 68 bytes */
	JG_KEY_PAIRINGS, /* up to 5 servers and their keys, secret: 324 bytes */
};

/* ---- Crypto (with JG_CRYPTO) -------------------------------------------- */

enum jg_suite { JG_CHACHAPOLY, JG_AESGCM };
enum jg_hash_kind { JG_SHA256, JG_SHA512 };
struct jg_part {
	const void *data;
	size_t size;
};

/* Ciphers under way at once: one for what each link receives, one for what is sent. */
enum { JG_CIPHER_SLOTS = 3 };

/* What the current dialect needs of a crypto library; ports/mbedtls has it of
 * mbedTLS. All return JG_OK or JG_ERR_CRYPTO. */
struct jg_crypto {
	enum jg_suite suite; /* what cipher_... are */
	/* The hash of all parts in a row; out may be one of them. */
	int (*hash)(void *state, enum jg_hash_kind kind, const struct jg_part *parts, size_t count, uint8_t *out);
	/* RFC 7748, clamping included. */
	int (*x25519)(void *state, uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);
	/* A message, sealed or opened in place, in pieces of a multiple of 16 bytes
	 * each but the last: the ciphertext does not wait for its tag, the core does. */
	int (*cipher_start)(void *state, unsigned slot, bool seal, const uint8_t key[32], const uint8_t nonce[12], const void *ad,
	                    size_t ad_size);
	int (*cipher_run)(void *state, unsigned slot, const uint8_t *in, uint8_t *out, size_t size);
	int (*cipher_end)(void *state, unsigned slot, uint8_t tag[16]); /* writes the tag, also when it opened */
	void *state;
};

/* ---- What you give ----------------------------------------------------- */

#define JG_PICTURE_VOID ((size_t)-1) /* in the place of a size, see artwork */

struct jg_callbacks {
	/* Mandatory. Takes up to `frames` frames (a sample of each channel,
	 * interleaved, full scale in 32 bits: shift right by 16 for a 16-bit DAC)
	 * and returns how many it took. Must not block. */
	size_t (*write)(void *user, const int32_t *samples, size_t frames);

	/* All others may be NULL. */

	/* A stream of this format begins; frames of the last one may still play. */
	int (*configure)(void *user, const struct jg_format *format);
	/* true before the first frame, false 5 s after the last one: amplifier,
	 * mute line, power. */
	void (*output_enable)(void *user, bool on);
	/* Trims the audio clock, in parts per million against its nominal rate.
	 * With it the output stays bit-perfect; without it single frames are left
	 * out or doubled, a few in a second. */
	void (*set_rate_ppm)(void *user, int32_t ppm);
	/* With this one, volume is yours to apply (a codec chip, an amplifier):
	 * amplitude = (volume / 100)^1.5. Without it samples are scaled. */
	void (*volume)(void *user, uint8_t volume, bool muted);
	/* Storage; load returns the bytes read, 0 if there is nothing. */
	size_t (*load)(void *user, enum jg_key key, void *data, size_t size);
	void (*save)(void *user, enum jg_key key, const void *data, size_t size);
	/* Random bytes; with JG_CRYPTO mandatory, and good enough for keys. */
	void (*random)(void *user, uint8_t *data, size_t size);
	void (*metadata)(void *user, const struct jg_metadata *m);
	void (*group)(void *user, const struct jg_group *g);
	/* A piece of the picture of a channel, 0 to 3; size 0 ends it, or clears what is
	 * shown where nothing came before; JG_PICTURE_VOID takes back what came so far,
	 * and another picture may follow. Needs JG_ROLE_ARTWORK. */
	void (*artwork)(void *user, uint8_t channel, const uint8_t *data, size_t size);
	/* A server took us (name) or has gone (NULL, and why: an error or JG_OK). */
	void (*server)(void *user, const char *name, int why);
	/* With JG_CRYPTO: the code to show or speak for pairing, six digits or, with
	 * shows_qr, the text of a QR code; "" when it is to go. */
	void (*pairing_code)(void *user, const char *code);
	/* Something went wrong that the core dealt with: see jg_strerror(). */
	void (*log)(void *user, int error);
};

struct jg_config {
	const char *client_id; /* the same for the device's whole life */
	const char *name;      /* for people */
	const char *product, *manufacturer, *firmware; /* may be NULL */
	const char *path;      /* of the WebSocket; NULL is "/sendspin" */

	const struct jg_format *formats; /* best first */
	size_t format_count;
	const struct jg_decoder *decoders; /* beside PCM and FLAC; may be NULL */
	size_t decoder_count;

	/* Coded audio that is not played yet, behind JG_TEXT_BYTES for the message
	 * that comes in. 48 KB rides out 200 ms without network at 1,050 kbit/s,
	 * 96 KB 500 ms. */
	uint8_t *audio;
	size_t audio_bytes;
	/* Decoded audio: 4 bytes x channels x the largest FLAC block (4608 at
	 * 44.1 and 48 kHz in what servers send). 512 samples do for PCM. */
	int32_t *scratch;
	size_t scratch_samples;

	/* Between a frame's playing, as jg_audio_played() tells it, and the air. */
	uint32_t output_latency_us;
	uint8_t volume; /* at the very first start, 0 to 100 */
	/* Dial the server (jg_want() says when) instead of waiting for it. */
	bool dial;
	const char *host; /* with dial: for the HTTP Host field */

	uint16_t artwork_width, artwork_height; /* with JG_ROLE_ARTWORK; pixels */
	/* With JG_ROLE_ARTWORK and JG_CRYPTO: holds a message of a picture until it is
	 * known to be the server's. NULL is no pictures over encrypted connections. A
	 * server may send 65,518 bytes in one; Jumpgate sends 8,193 at most. Longer
	 * messages are counted in jg_status.oversize, and their picture is taken back. */
	uint8_t *picture;
	size_t picture_bytes;

	/* With JG_CRYPTO; NULL is the cleartext dialect alone. */
	const struct jg_crypto *crypto;
	/* Whether servers that are not paired may play. */
	bool unpaired_access;
	/* Whether to go on in cleartext with a server that knows nothing else. Never
	 * done once the device is paired. */
	bool cleartext;
	bool shows_qr, speaks; /* what pairing_code does with its code */
	/* Eight digits printed on the device, where it cannot show a code; or NULL. */
	const char *static_code;
};

/* ---- What you call ------------------------------------------------------ */

struct jg_client; /* 1.3 KB, with JG_CRYPTO 2.5; its fields are in internal.h, and not for you */

/* Prepares c, which need not be cleared. config, what it points to, callbacks
 * and the buffers stay yours and must outlive c. Beside JG_OK:
 *   JG_ERR_ARGUMENT  no write, client_id, name or format; path over 63 or host over 127 bytes
 *   JG_ERR_FORMAT    a format that this SDK cannot play
 *   JG_ERR_ROOM      audio under 4 KB + JG_TEXT_BYTES or from 16 MB on; scratch under 128 frames,
 *                    with FLAC 256; picture under 1 KB or from 16 MB on
 *   JG_ERR_CRYPTO    with JG_CRYPTO: crypto without what it needs */
int jg_init(struct jg_client *c, const struct jg_config *config, const struct jg_callbacks *callbacks, void *user,
            int64_t now);

/* Two connections: one in use, and one whose server wants in. */
enum { JG_LINKS = 2 };

/* The index of a link that is free, or JG_ERR_STATE: leave the connection in the
 * listener's queue for the moment. */
int jg_free_link(const struct jg_client *c);
/* A TCP connection is there. accepted: a server has connected to us. */
int jg_opened(struct jg_client *c, int link, bool accepted, int64_t now);
/* Bytes came. An error ends the link: jg_want() will say JG_WANT_CLOSE. */
int jg_received(struct jg_client *c, int link, const void *data, size_t size, int64_t now);
/* Bytes to send: sets *data and returns how many; tell jg_sent() how many went. */
size_t jg_output(struct jg_client *c, int link, const uint8_t **data);
void jg_sent(struct jg_client *c, int link, size_t size, int64_t now);
/* The TCP connection has ended, whoever ended it. */
void jg_closed(struct jg_client *c, int link, int64_t now);

enum jg_want { JG_WANT_NOTHING, JG_WANT_CONNECT, JG_WANT_CLOSE };
/* What the core wants of a link's TCP connection. */
enum jg_want jg_want(const struct jg_client *c, int link, int64_t now);

/* Does what is due. Returns the microseconds to its next deadline, at most
 * 100,000; while playing also call it whenever the output has room. */
uint32_t jg_poll(struct jg_client *c, int64_t now);

/* The output has played `frames` more of what write() took, the last of them
 * at `at`. From any thread or interrupt, but one at a time. Call it every
 * 20 ms or oftener. */
void jg_audio_played(struct jg_client *c, uint32_t frames, int64_t at);

/* Our own volume; reported to the server. */
void jg_set_volume(struct jg_client *c, uint8_t volume);
void jg_set_muted(struct jg_client *c, bool muted);
/* A button: one of enum jg_command; value is the volume, or 1 to mute. */
int jg_press(struct jg_client *c, enum jg_command command, uint8_t value);
/* Leaves the server. After JG_RESTART a client that dials comes back. */
void jg_leave(struct jg_client *c, enum jg_goodbye why, int64_t now);
/* Asks for this format, one of those offered. */
int jg_prefer(struct jg_client *c, const struct jg_format *format);

#if JG_CRYPTO
/* Somebody acts at the device (a button): for five minutes the static code may
 * be tried, and a code may be shown again after too many wrong ones. */
void jg_allow_pairing(struct jg_client *c, int64_t now);
/* What a label or QR code of the device says, with a NUL: who has it may pair.
 * A secret. */
enum { JG_TOKEN_BYTES = 108 };
int jg_pairing_token(const struct jg_client *c, char token[JG_TOKEN_BYTES]);
/* Forgets every pairing, as before a sale; leave the server first. */
void jg_forget_pairings(struct jg_client *c);
#endif

struct jg_status {
	bool connected, synchronized, streaming, playing;
	bool encrypted, paired; /* the connection */
	uint8_t volume;
	bool muted;
	struct jg_format format;  /* while streaming */
	uint32_t buffered;        /* bytes of coded audio */
	uint32_t capacity;        /* what the server was told */
	int32_t error_us;         /* of the playout against the clock filter; late is positive */
	uint32_t clock_sigma_us;  /* the filter's own standard error */
	int32_t clock_ppm;        /* the server's clock against ours, thousandths of a ppm */
	/* Since jg_init(): */
	uint32_t underruns, late, dropped, damaged, oversize;
	uint32_t added, removed;  /* frames, to follow the clock */
	uint32_t resyncs;         /* jumps to the right place */
};
void jg_get_status(const struct jg_client *c, struct jg_status *status);

/* Converts between the clocks; false while the server's is not known. */
bool jg_to_local(const struct jg_client *c, int64_t server, int64_t *local);

/* The lead that is asked of the server for a format and an audio buffer, one that
 * jg_init() would take, ms. */
uint32_t jg_lead_ms(const struct jg_format *format, size_t audio_bytes);

#include "jumpgate/internal.h"

#ifdef __cplusplus
}
#endif

#endif
