/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket: the upgrade (RFC 6455 section 4) and frames (section 5). */
#ifndef JG_WS_H
#define JG_WS_H

#include "jumpgate/jumpgate.h"

enum { JG_WS_CONTINUE = 0, JG_WS_TEXT = 1, JG_WS_BINARY = 2, JG_WS_CLOSE = 8, JG_WS_PING = 9, JG_WS_PONG = 10 };

/* The longest frame that is taken; longer ones end the connection. */
#define JG_WS_LIMIT 0x1000000u

/* With an opcode to send: more frames of the message follow. */
enum { JG_WS_MORE = 0x80 };

enum { JG_WS_HEAD_ROOM = 8 }; /* bytes that jg_ws_frame() may need before the payload */

void jg_ws_start(struct jg_ws *ws, bool peer_masks);

/*
 * Reads the head of a frame. Returns 1 when it is whole, 0 when more bytes are
 * needed, or an error; *used is how many bytes were taken. Then ws->left bytes
 * of payload follow, which go through jg_ws_payload() in any pieces; when left
 * is 0 the next head is read.
 */
int jg_ws_head(struct jg_ws *ws, const uint8_t *data, size_t size, size_t *used);

/* Copies payload, unmasked. to may be NULL to pass over it. */
void jg_ws_payload(struct jg_ws *ws, uint8_t *to, const uint8_t *from, size_t size);

/* Closes the frame: the message goes on, or is over. */
void jg_ws_done(struct jg_ws *ws);

/*
 * Makes a frame around `size` bytes (under 65,536) at payload, which has
 * JG_WS_HEAD_ROOM bytes free before it. mask: four bytes, or NULL for a side
 * that does not mask. Returns the length of the head.
 */
size_t jg_ws_frame(uint8_t *payload, size_t size, uint8_t opcode, const uint8_t *mask);

/* Writes base64 of size bytes, with JG_CRYPTO in the alphabet for URLs, without padding,
 * if that is asked for. Returns the characters written; there is no NUL. */
size_t jg_base64(char *to, const uint8_t *from, size_t size, bool url);
/* Reads it, padded or not, with JG_CRYPTO in either alphabet. Returns the bytes, or an
 * error. */
int jg_unbase64(uint8_t *to, size_t room, const char *from);

/* accept, with a NUL, for a key of 24 characters (RFC 6455 section 4.2.2). */
void jg_ws_accept(char accept[29], const char key[24]);

/*
 * One line of the upgrade's head, without its line end, NUL-terminated; may be
 * changed. first: the request or status line. Returns 1 when it was what an
 * upgrade needs, 0 when it does not matter, or JG_ERR_HTTP.
 */
int jg_http_line(char *line, bool first, bool accepted, const char *path, char accept[29]);

#endif
