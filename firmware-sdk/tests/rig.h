/* SPDX-License-Identifier: Apache-2.0 */
/* A client with a server, a network and a sound card that are made up, in time
 * that is made up too. */
#ifndef RIG_H
#define RIG_H

#include "client.h"
#include "jumpgate/jumpgate.h"

enum { RIG_AUDIO = 49152, RIG_SCRATCH = 2 * 4608, RIG_DAC = 1920 };

struct rig {
	struct jg_client c;
	struct jg_config config;
	struct jg_callbacks cb;
	int64_t now;         /* the device's clock, us */
	double server_ppm;   /* the server's clock runs faster by this */
	int64_t server_ahead;
	uint32_t seed;
	uint32_t jitter_us;  /* of client/time, each way */

	char sent[JG_LINKS][2048]; /* the last text message to the server */
	size_t sent_have[JG_LINKS]; /* of one that comes in pieces */
	unsigned sent_count[JG_LINKS];
	uint8_t last_opcode;
	bool http_seen[JG_LINKS];
	char http[JG_LINKS][512];
	bool answers; /* client/time */
	void (*on_sent)(int link, const char *json);
	unsigned errors; /* client/state with error */
	bool in_error;

	/* the sound card */
	int32_t dac[RIG_DAC][2];
	unsigned dac_have;
	double dac_ppm, dac_phase;
	int32_t trim;
	bool dac_running, dac_told;
	unsigned heard_count;
	int32_t first_heard, last_heard;
	void (*on_heard)(struct rig *r, int32_t left, int64_t at);
	unsigned zeros, breaks;
	int32_t worst_us;
	double sum_us;

	/* what callbacks said */
	struct jg_format format;
	unsigned configured, enabled, disabled, metadata, groups, servers, gone, logs, volumes, saves;
	int gone_why;
	char server_name[64], title[64], artist[64];
	int32_t position_ms;
	struct jg_group group;
	uint8_t stored[16];
	size_t stored_size;

	uint8_t audio[RIG_AUDIO];
	int32_t scratch[RIG_SCRATCH];
};

extern struct rig rig; /* one at a time: it is large */

void rig_start(bool dial);
/* The upgrade and both hellos on a link; reason "discovery" or "playback". */
bool rig_connect(int link, bool accepted, const char *id, const char *reason);
int rig_text(int link, const char *json);
/* An encrypted message, its kind first. */
int rig_sealed(int link, const void *data, size_t size);
int rig_audio(int link, int64_t server_at, const void *data, size_t size);
int rig_frame(int link, uint8_t opcode, const void *data, size_t size);
/* Lets time pass, a millisecond at a time. */
void rig_run(int64_t us);
int64_t rig_server_now(void);
/* Takes what the client wants to send. */
void rig_pump(void);
uint32_t rig_random(void);
/* stream/start of PCM, and chunks whose left samples count frames from 1. */
bool rig_stream(uint32_t rate, unsigned bits);
bool rig_chunk(int64_t server_at, int32_t first, unsigned frames);

#endif
