/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"
#include "test.h"

static char text[2048];
static struct jg_message m;

static int read(const char *json)
{
	const size_t n = strlen(json);
	memcpy(text, json, n);
	text[n] = '!'; /* nothing behind the end is looked at */
	return jg_message_read(&m, text, n);
}

static void reads(void)
{
	check_int(read("{\"type\":\"server/time\",\"payload\":{\"client_transmitted\":1,\"server_received\":-2,\"server_transmitted\":9007199254740993}}"), JG_OK);
	check_int(m.type, JG_T_TIME);
	check_int(m.transmitted, 1);
	check_int(m.received, -2);
	check_int(m.sent, 9007199254740993LL);
	check(jg_has(&m, JG_H_SENT) && !jg_has(&m, JG_H_PLAYER));
}

static void order_and_spaces(void)
{
	check_int(read(" { \"new\" : [ { } , [ ] , [1,2] ] , \"payload\" :\t{ \"roles\" : [ \"player\" , \"x\", \"artwork\" ] } ,\n\"type\" : \"stream/clear\" } "), JG_OK);
	check_int(m.type, JG_T_CLEAR);
	check_int(m.families, 1 << JG_FAMILY_PLAYER | (JG_ROLE_ARTWORK ? 1 << JG_FAMILY_ARTWORK : 0));
	check_int(read("{\"type\":\"stream/end\"}"), JG_OK);
	check(m.families == ~0u);
	check_int(read("{\"type\":\"stream/end\",\"payload\":null}"), JG_OK);
	check_int(read("{\"type\":\"stream/end\",\"payload\":{\"roles\":[]}}"), JG_OK);
	check_int(m.families, 0);
}

static void strings(void)
{
	check_int(read("{\"type\":\"server/state\",\"payload\":{\"metadata\":{\"title\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83c\\udfb5\",\"artist\":null,\"album\":\"\","
	               "\"progress\":{\"track_progress\":1500.75,\"track_duration\":0,\"playback_speed\":1000}}}}"), JG_OK);
	check_string(m.metadata.title, "a\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5");
	check_string(m.metadata.artist, "");
	check_string(m.metadata.album, "");
	check(m.metadata.album_artist == NULL);
	check_int(m.metadata.position_ms, 1500);
	/* halves of pairs, and what would end our strings */
	check_int(read("{\"type\":\"server/state\",\"payload\":{\"metadata\":{\"title\":\"\\ud83c\\u0041\\udfb5\\u0000\"}}}"), JG_OK);
	check_string(m.metadata.title, "\xef\xbf\xbd" "A" "\xef\xbf\xbd\xef\xbf\xbd");
}

static void words(void)
{
	check_int(read("{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"flac\",\"sample_rate\":44100,\"channels\":2,\"bit_depth\":16,\"codec_header\":\"AA==\"}}}"), JG_OK);
	check_int(m.codec, JG_FLAC);
	check_int(m.rate, 44100);
	check_string(m.header, "AA==");
	check_int(read("{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"mp9\"}}}"), JG_OK);
	check_int(m.codec, 3);
	check_int(read("{\"type\":\"other/thing\",\"payload\":{}}"), JG_OK);
	check_int(m.type, JG_T_UNKNOWN);
	check_int(read("{\"payload\":{}}"), JG_ERR_MESSAGE);
	check_int(read("{}"), JG_ERR_MESSAGE);
	check_int(read("{\"type\":\"server/state\",\"payload\":{\"controller\":{\"supported_commands\":[\"next\",\"play\",\"dance\"],\"volume\":9223372036854775999,\"muted\":true}}}"), JG_OK);
	check_int(m.commands, JG_NEXT | JG_PLAY);
	check(m.group_volume == 100 && m.group_muted);
}

static void refuses(void)
{
	static const char *const bad[] = {
		"", "[]", "7", "{", "{\"type\"", "{\"type\":", "{\"type\":\"x\"", "{\"type\":\"x\",}", "{\"type\":\"x\"}}", "{\"type\":\"x\"} x",
		"{type:\"x\"}", "{\"type\":7}", "{\"type\":\"x\" \"a\":1}", "{\"type\":\"x\",\"a\":}", "{\"type\":\"x\",\"a\":1 2}", "{\"type\":\"x\",\"a\":[1,]}",
		"{\"type\":\"x\",\"a\":[,1]}", "{\"type\":\"x\",\"a\":{\"b\"}}", "{\"type\":\"x\",\"a\":{\"b\":1]}", "{\"type\":\"x\",\"a\":[1}}", "{\"type\":\"x\",\"a\":tru}",
		"{\"type\":\"x\",\"a\":\"\\x\"}", "{\"type\":\"x\",\"a\":\"\\u12g4\"}", "{\"type\":\"x\",\"a\":\"\\u12", "{\"type\":\"x\",\"a\":\"\\", "{\"type\":\"x\",\"a\":\"\n\"}",
		"{\"type\":\"x\",\"a\":-}", "{\"type\":\"x\",\"a\":1.}", "{\"type\":\"x\",\"a\":+1}", "{\"type\":\"x\",\"payload\":7}", "{\"type\":\"x\",\"payload\":[]}",
		"{\"type\":\"x\",\"payload\":{\"client_transmitted\":\"1\"}}", "{\"type\":\"x\",\"payload\":{\"player\":{\"mute\":1}}}", "{\"type\":\"x\",\"payload\":{\"roles\":[1]}}",
		"{\"type\":\"x\",\"payload\":{\"roles\":\"player\"}}", "{\"type\":\"x\",\"payload\":{\"roles\":[\"a\"}}", "{\"type\":\"x\",\"payload\":{\"player\":{\"codec\":1}}}",
		"{\"type\":\"x\",\"payload\":{\"server_id\":1}}", "{\"type\":\"x\",\"payload\":{\"client_transmitted\":1e3}}",
		"{\"type\":\"x\",\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", "{\"type\":\"x\",\"a\":[1", "{\"type\":\"x\",\"a\":{\"b\":{", "{\"type\":\"x\",\"a\":{}}}",
	};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const int r = read(bad[i]);
		if (r != JG_ERR_JSON) {
			printf("accepted: %s\n", bad[i]);
		}
		check_int(r, JG_ERR_JSON);
	}
	check_int(read("{\"type\":\"x\",\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"), JG_OK);
}

/* Every beginning of a message is refused, whatever is cut. */
static void cut_off(void)
{
	const char whole[] = "{\"type\":\"server/state\",\"payload\":{\"metadata\":{\"title\":\"\\u00e9\\n\",\"progress\":{\"track_progress\":12}},\"x\":[{\"a\":null},true,-1.5]}}";
	for (size_t n = 0; n < sizeof whole - 1; n++) {
		memcpy(text, whole, n);
		check(jg_message_read(&m, text, n) < 0);
	}
	check_int(read(whole), JG_OK);
}

static struct jg_writer writer(size_t room)
{
	memset(text, 0, sizeof text);
	return (struct jg_writer){text, text + room, false, 0};
}

static void writes(void)
{
	struct jg_writer w = writer(1000);
	const int64_t least = INT64_MIN, most = INT64_MAX;
	jg_put_all(&w, "{'a':%s,'b':%t,'c':%d,'d':%t,'e':%b,'%r':%d}",
	           (const union jg_value[]){{.p = "x\"\\\n\x01'\xc3\xa9"}, {.p = &least}, {0}, {.p = &most}, {false}, {.p = "f"}, {-7}});
	check(!w.full);
	check_string(text, "{\"a\":\"x\\\"\\\\\\u000a\\u0001'\xc3\xa9\",\"b\":-9223372036854775808,\"c\":0,\"d\":9223372036854775807,\"e\":false,\"f\":-7}");
	w = writer(3);
	jg_put(&w, "abc");
	check(!w.full);
	jg_put(&w, "d");
	check(w.full);
	jg_put(&w, "");
	check_string(text, "abc");
	w = writer(3); /* the second piece of three */
	w.skip = 3;
	jg_put(&w, "abc");
	check(!w.full);
	jg_put(&w, "defg");
	check(w.full);
	check_string(text, "def");
}

static void messages(void)
{
	static const struct jg_format formats[] = {{44100, JG_FLAC, 2, 16}, {48000, JG_PCM, 2, 24}};
	const struct jg_config k = {.client_id = "id", .name = "N", .firmware = "1", .formats = formats, .format_count = 2};
	static struct jg_client c;
	static const struct jg_callbacks cb = {.write = NULL};
	c = (struct jg_client){.config = &k, .cb = &cb, .ring = {.size = 1067}};
	struct jg_writer w = writer(1000);
	jg_write_hello(&w, &c, false);
#if !JG_ROLE_ARTWORK
	check_string(text, "{\"type\":\"client/hello\",\"payload\":{\"client_id\":\"id\",\"version\":1,\"name\":\"N\",\"device_info\":{\"software_version\":\"1\"},"
	             "\"supported_roles\":[\"player@v1\",\"controller@v1\",\"metadata@v1\",\"_jumpgate@v1\"],\"player@v1_support\":{\"supported_formats\":["
	             "{\"codec\":\"flac\",\"channels\":2,\"sample_rate\":44100,\"bit_depth\":16},{\"codec\":\"pcm\",\"channels\":2,\"sample_rate\":48000,\"bit_depth\":24}],"
	             "\"buffer_capacity\":1001,\"supported_commands\":[\"volume\",\"mute\"]}}}");
#endif
	w = writer(1000);
	jg_write_time(&w, 12);
	check_string(text, "{\"type\":\"client/time\",\"payload\":{\"client_transmitted\":12}}");
	w = writer(1000);
	c = (struct jg_client){.roles = 1 << JG_FAMILY_PLAYER, .muted = true, .volume = 7, .delay_ms = 30, .lead_ms = 300};
	jg_write_state(&w, &c, false, NULL);
	check_string(text, "{\"type\":\"client/state\",\"payload\":{\"state\":\"synchronized\",\"player\":{\"volume\":7,\"muted\":true,\"static_delay_ms\":30,"
	             "\"required_lead_time_ms\":300,\"min_buffer_ms\":150,\"supported_commands\":[\"set_static_delay\"]}}}");
	w = writer(1000);
	c = (struct jg_client){.play = {.starving = true}};
	jg_write_state(&w, &c, false, NULL);
	check_string(text, "{\"type\":\"client/state\",\"payload\":{\"state\":\"error\"}}");
	w = writer(1000);
	jg_write_command(&w, JG_GROUP_VOLUME, 40);
	check_string(text, "{\"type\":\"client/command\",\"payload\":{\"controller\":{\"command\":\"volume\",\"volume\":40}}}");
	w = writer(1000);
	jg_write_command(&w, JG_GROUP_MUTE, 1);
	check_string(text, "{\"type\":\"client/command\",\"payload\":{\"controller\":{\"command\":\"mute\",\"mute\":true}}}");
	w = writer(1000);
	jg_write_command(&w, JG_DISLIKE, 0);
	check_string(text, "{\"type\":\"client/command\",\"payload\":{\"_jumpgate\":{\"command\":\"dislike\"}}}");
	w = writer(1000);
	jg_write_format(&w, &formats[1]);
	check_string(text, "{\"type\":\"stream/request-format\",\"payload\":{\"player\":{\"codec\":\"pcm\",\"channels\":2,\"sample_rate\":48000,\"bit_depth\":24}}}");
	w = writer(1000);
	jg_write_goodbye(&w, JG_RESTART);
	check_string(text, "{\"type\":\"client/goodbye\",\"payload\":{\"reason\":\"restart\"}}");
}

const struct test tests_json[] = {TEST(reads), TEST(order_and_spaces), TEST(strings), TEST(words), TEST(refuses), TEST(cut_off),
                                  TEST(writes), TEST(messages), {NULL, NULL}};
