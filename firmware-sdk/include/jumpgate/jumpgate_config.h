/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choices made at compile time. Put what you want otherwise into a header of
 * your own and compile with -DJG_CONFIG_FILE='"my_config.h"'; the core, your
 * program and every port must be compiled with the same choices.
 */
#ifndef JUMPGATE_CONFIG_H
#define JUMPGATE_CONFIG_H

#ifdef JG_CONFIG_FILE
#include JG_CONFIG_FILE
#endif

/* Bytes for one JSON message from the server in use, which jg_init() takes off the
 * audio buffer. A longer message is left out and counted in jg_status.oversize. */
#ifndef JG_TEXT_BYTES
#define JG_TEXT_BYTES 1280
#endif

/* The current dialect of the protocol, encrypted: needs struct jg_crypto. 0: the
 * cleartext dialect alone. */
#ifndef JG_CRYPTO
#define JG_CRYPTO 0
#endif

/* Bytes for one message from a server that has not been let in yet. */
#ifndef JG_HANDSHAKE_BYTES
#define JG_HANDSHAKE_BYTES (JG_CRYPTO ? 512 : 256)
#endif

/* Bytes for what waits for the socket: a message, or a piece of client/hello, which
 * alone may be longer. Not less than this: the HTTP request has to fit. */
#ifndef JG_OUT_BYTES
#define JG_OUT_BYTES (JG_CRYPTO && JG_ROLE_ARTWORK ? 480 : 384)
#endif

/* Channels that the output can take: 1 or 2. */
#ifndef JG_CHANNELS
#define JG_CHANNELS 2
#endif

/* Roles beside player@v1: 1 compiles a role in. */
#ifndef JG_ROLE_CONTROLLER
#define JG_ROLE_CONTROLLER 1
#endif
#ifndef JG_ROLE_METADATA
#define JG_ROLE_METADATA 1
#endif
/* Pictures; in the current dialect jg_config.picture is needed, too. */
#ifndef JG_ROLE_ARTWORK
#define JG_ROLE_ARTWORK 0
#endif
/* The JUMP, like and dislike buttons of a Jumpgate server. */
#ifndef JG_ROLE_JUMPGATE
#define JG_ROLE_JUMPGATE 1
#endif

/* The FLAC decoder inside; without it a decoder of yours may take FLAC. */
#ifndef JG_CODEC_FLAC
#define JG_CODEC_FLAC 1
#endif

/* Objects and arrays of a JSON message within one another, at most 32. */
#ifndef JG_JSON_DEPTH
#define JG_JSON_DEPTH 16
#endif

/* Keeps a function out of line where copies of it would cost code. */
#ifndef JG_SMALL
#if defined(__GNUC__)
#define JG_SMALL __attribute__((noinline))
#else
#define JG_SMALL
#endif
#endif

/* Orders memory between jg_audio_played() and jg_poll() where they run on two
 * cores. */
#ifndef JG_BARRIER
#if defined(__GNUC__)
#define JG_BARRIER() __sync_synchronize()
#else
#define JG_BARRIER() ((void)0)
#endif
#endif

#endif
