/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of struct jg_client, here so that its size is known to the
 * compiler and it can be static. Nothing below is for programs to touch.
 */
#ifndef JUMPGATE_INTERNAL_H
#define JUMPGATE_INTERNAL_H

/* WebSocket frames as they come in (RFC 6455 section 5.2). */
struct jg_ws {
	uint8_t have, need; /* bytes of head */
	uint8_t opcode;     /* of the frame */
	uint8_t message;    /* opcode of the message in progress, 0 if none */
	uint8_t mask_at;
	bool fin, masked; /* masked: the peer has to mask */
	uint8_t head[14];
	uint32_t left; /* payload bytes to come */
};

#if JG_CRYPTO
/* The current dialect's part of a connection. */
struct jg_secure {
	uint8_t category; /* of the key: enum jg_category in secure.h */
	uint8_t part;     /* of the message that comes in */
	uint8_t kind;     /* of it, or of the message in fragments */
	uint8_t tail_have;
	bool opening, within, fragment, last, held, told;
	uint32_t pairings; /* activations for pairing, in this session */
	uint64_t received, sent;
	uint8_t h[32], remote[32], receive[32], send[32];
	uint8_t next_send[32], answer[50]; /* until the answer has gone */
	uint8_t tail[31]; /* less than a block, and the tag, perhaps */
	char name[33];
};

/* The pairing attempt of the connection in use, and what holds attempts back. */
struct jg_pair {
	uint8_t state, method, code_size, due;
	uint8_t rounds, wrong;
	bool qr, shown;
	uint8_t abort;
	uint32_t round;
	int64_t until, window;
	uint8_t psk[32], nonce[32], code[24], peer[32], share[32], isk[64];
};
#endif

struct jg_link {
	uint8_t state; /* enum jg_link_state in client.h */
	uint8_t stage; /* enum jg_stage */
	uint8_t goodbye;
	uint8_t rank;  /* enum jg_rank */
	bool accepted, longtext, keyed, sink;
	struct jg_ws ws;
	uint16_t due;             /* messages to send, bits */
	uint16_t text_have, room; /* bytes of text */
	char *text;               /* the message that comes in: of the audio buffer, or handshake */
	uint32_t opened, heard;   /* the lower half of a time */
	uint32_t server;          /* a hash of its id */
	int why;
	uint8_t binary_have;
	uint8_t binary[13]; /* type, timestamp; in the current dialect the lead, too */
	char accept[29]; /* Sec-WebSocket-Accept, ours to send or to expect */
#if JG_CRYPTO
	struct jg_secure secure;
#endif
};

/* The server's clock: docs/timing.md. */
struct jg_clock {
	int64_t at;     /* our time of the state */
	int64_t offset; /* whole us; the rest is in fine */
	float fine;     /* us */
	float drift;    /* ppm */
	float p00, p01, p11; /* covariance of fine and drift: us^2, us ppm, ppm^2 */
	int64_t start, base; /* of the group of exchanges */
	float there, back, there_sum, back_sum, start_drift;
	uint16_t count;   /* exchanges in the group */
	uint16_t updates; /* saturates */
	uint8_t wrong;
};

/* Coded audio: records of 8 bytes and their chunk. */
struct jg_ring {
	uint8_t *base;
	uint32_t size, head, used;
	uint32_t fresh;   /* bytes of the record being written, its header included */
	uint32_t records;
	int64_t in_at, out_at; /* timestamps in full, from which records count */
};

struct jg_stream {
	struct jg_format format;
	uint8_t generation;
	uint8_t header_size;
	uint8_t header[48];
};

struct jg_flac {
	uint32_t rate, largest;
	uint8_t channels, bits;
};

/* Small members stand first in what follows: short instructions reach only so
 * far from the beginning of a struct. */
struct jg_playout {
	bool streaming, enabled, primed, playing, seek, starving, again;
	uint8_t spaced; /* blocks since the last frame was added or removed */
	int8_t lean;    /* -1 adding, 1 removing */
	int32_t error;  /* averaged, us / 256; late is positive */
	int32_t trim;   /* what the rate is off by, ppm / 65536 */
	uint32_t us_per_frame; /* us / 65536 */
	uint32_t chunk;        /* bytes left of the chunk being decoded */
	uint32_t chunk_past;   /* frames of the chunk that are decoded */
	uint32_t have, at; /* decoded frames, and the next to write */
	uint32_t written;  /* frames given to write() */
	uint32_t mark;     /* written when the feedback was lost */
	uint32_t gain;     /* 16.16 */
	int64_t block_at;  /* server time of scratch[0] */
	uint32_t silent_since;
	/* Written by jg_audio_played(), read under seq. */
	volatile uint32_t seq, played, played_at;
	const struct jg_decoder *decoder; /* NULL for those inside */
	struct jg_stream stream, next;
	struct jg_flac flac;
};

struct jg_client {
	uint8_t volume;
	bool muted, left, unsaved;
	uint8_t roles; /* active */
	uint8_t press_value;
	uint8_t prefer; /* index + 1 of the format to ask for */
	uint8_t asked;  /* client/time sent since the server was taken */
#if JG_CRYPTO
	bool plain;      /* the next connection begins in cleartext */
	bool unreported; /* our state waits for the server's clock */
#endif
	uint16_t press;
	uint16_t lead_ms;  /* as reported */
	uint16_t delay_ms; /* static delay, set by the server */
	uint16_t out_at, out_left; /* bytes of the sending buffer that wait for the socket */
	const struct jg_config *config;
	const struct jg_callbacks *cb;
	void *user;
	struct jg_link *current, *out_link; /* the server in use; who has the sending buffer */
	int64_t now;
	uint32_t said; /* characters of a hello that goes in pieces, while there are more */
#if JG_CRYPTO && JG_ROLE_ARTWORK
	uint32_t picture_have; /* bytes of the message that comes in */
	uint32_t picture_left; /* of the picture to come */
#endif
	uint32_t ask_at, out_since, save_at; /* the lower half of a time */
	uint32_t dial_from, dial_pause, dial_wait;
	uint32_t last_server, seed;
	struct jg_group shown;
	struct {
		uint32_t underruns, late, dropped, damaged, oversize, added, removed, resyncs;
	} counts;
	struct jg_ring ring;
	struct jg_clock clock;
	struct jg_playout play;
	struct jg_link link[JG_LINKS];
#if JG_CRYPTO
	struct jg_pair pair;
	uint8_t identity[96]; /* private, pairing key, public */
#endif
	uint8_t out[JG_OUT_BYTES];
	char handshake[JG_HANDSHAKE_BYTES];
};

#endif
