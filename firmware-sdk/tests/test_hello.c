/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out in one buffer: a hello in pieces, and the longest of the others. */
#include "message.h"
#include "rig.h"
#include "test.h"
#include "ws.h"

static char hello[2048], long_name[1300];

static void keep_hello(int link, const char *json)
{
	(void)link;
	if (strstr(json, "client/hello") != NULL) {
		(void)snprintf(hello, sizeof hello, "%s", json);
	}
}

static void name_it_long(void)
{
	rig_start(false);
	memset(long_name, 'x', sizeof long_name - 1);
	rig.config.name = long_name;
	hello[0] = '\0';
	rig.on_sent = keep_hello;
	check_int(jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now), JG_OK);
}

/* A hello that is longer than the sending buffer goes in pieces, between which
 * nothing of the other link goes; the next one begins anew. */
static void long_hello(void)
{
	static const char upgrade[] = "GET /sendspin HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static char whole[2048];
	name_it_long();
	struct jg_writer w = {whole, whole + sizeof whole - 1, false, 0};
	jg_write_hello(&w, &rig.c, false);
	check(strlen(whole) > 3 * JG_OUT_BYTES);
	check(rig_connect(0, true, "one", "playback"));
	check_string(hello, whole);
	name_it_long();
	const uint8_t *data;
	for (int link = 0; link < JG_LINKS; link++) {
		check_int(jg_opened(&rig.c, link, true, rig.now), JG_OK);
		check_int(jg_received(&rig.c, link, upgrade, sizeof upgrade - 1, rig.now), JG_OK);
	}
	check(jg_output(&rig.c, 1, &data) == 0);
	jg_sent(&rig.c, 0, jg_output(&rig.c, 0, &data), rig.now); /* the upgrade's answer */
	unsigned pieces = 0;
	while (jg_output(&rig.c, 0, &data) > 0 && data[0] != (0x80 | JG_WS_CONTINUE)) {
		check_int(data[0], pieces == 0 ? JG_WS_TEXT : JG_WS_CONTINUE); /* and more to come */
		check(jg_output(&rig.c, 1, &data) == 0);
		jg_sent(&rig.c, 0, jg_output(&rig.c, 0, &data), rig.now);
		pieces++;
	}
	check(pieces >= 3);
	jg_closed(&rig.c, 0, rig.now); /* before the last one has gone */
	check(jg_output(&rig.c, 1, &data) > 0 && data[0] == 'H');
	jg_sent(&rig.c, 1, jg_output(&rig.c, 1, &data), rig.now);
	check(jg_output(&rig.c, 1, &data) > 0 && data[0] == JG_WS_TEXT);
}

/* The longest of what is sent whole: the request, and the state. */
static void longest(void)
{
	static char host[128], path[64];
	rig_start(true);
	(void)jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now);
	memset(host, 'h', sizeof host - 1);
	memset(path, 'p', sizeof path - 1);
	path[0] = '/';
	rig.config.host = host;
	rig.config.path = path;
	check(rig_connect(0, false, "one", "playback"));
	check(strstr(rig.http[0], "\r\n\r\n") != NULL);
	static char text[JG_OUT_BYTES - JG_WS_HEAD_ROOM - 1 - 16 - 15];
	struct jg_writer w = {text, text + sizeof text, false, 0};
	const struct jg_format f = {192000, JG_FLAC, 2, 24};
	rig.c.roles = 1 << JG_FAMILY_PLAYER;
	rig.c.volume = 100;
	rig.c.delay_ms = 5000;
	rig.c.lead_ms = 800;
#if JG_ROLE_ARTWORK
	rig.c.roles |= 1 << JG_FAMILY_ARTWORK;
	rig.config.artwork_width = rig.config.artwork_height = UINT16_MAX;
#endif
	jg_write_state(&w, &rig.c, true, &f);
	check(!w.full);
}

const struct test tests_hello[] = {TEST(long_hello), TEST(longest), {NULL, NULL}};
