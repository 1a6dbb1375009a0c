/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of jumpgate-device share. */
#ifndef DEVICE_H
#define DEVICE_H

#include "mdns.h"
#include "sink.h"

#include <stdio.h>

struct device {
	struct jg_client client;
	struct jg_config config;
	struct sink *sink;
	struct mdns mdns;
	const char *state_file, *server; /* HOST:PORT to dial */
	int sockets[JG_LINKS], listener;
	const char *picture_file;                       /* where covers are put */
	FILE *picture;                                  /* the one that comes in */
	uint16_t port;
	bool connecting, aes, announces;
	double clock_ppm;
	int64_t clock_offset, next_status, announce_at;
	uint32_t last_status;
	FILE *events;
	char line[128];
	size_t line_have;
};

/* Our clock, off by as much as was asked for. */
int64_t device_now(const struct device *d);

/* options.c */

/* Reads the command line into d and sink: 0, -1 where there was nothing but a
 * question, or the status to exit with. */
int device_options(struct device *d, struct sink_config *sink, int argc, char **argv);
/* Reads a number within bounds; false where it is none. */
bool device_number(const char *text, double least, double most, double *to);

/* events.c: what happens, a JSON object a line. */

/* Pairs of name and string, NULL at the end; NULL values are left out. */
void device_say(struct device *d, const char *event, ...);
/* Once a second, and when something has changed. */
void device_status(struct device *d);
void device_enabled(void *user, bool on);
void device_metadata(void *user, const struct jg_metadata *m);
void device_group(void *user, const struct jg_group *g);
void device_server(void *user, const char *name, int why);
void device_log(void *user, int error);
void device_code(void *user, const char *code);

/* storage.c: what is kept, in files, and random bytes. */

void device_random(void *user, uint8_t *data, size_t size);
size_t device_load(void *user, enum jg_key key, void *data, size_t size);
void device_save(void *user, enum jg_key key, const void *data, size_t size);
/* Puts the cover of what plays into its file; without one the file goes. */
void device_artwork(void *user, uint8_t channel, const uint8_t *data, size_t size);

/* network.c */

/* A listening socket, or -1. */
int device_listen(uint16_t port);
void device_accept(struct device *d);
void device_dial(struct device *d);
/* What poll() said of a connection that was dialled. */
void device_dialled(struct device *d);
void device_send(struct device *d, int link);
void device_receive(struct device *d, int link);
void device_drop(struct device *d, int link);

/* buttons.c: reads standard input; false at its end. */
bool device_buttons(struct device *d);

#endif
