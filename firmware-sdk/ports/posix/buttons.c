/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <string.h>
#include <unistd.h>

static const char *const command_names[] = {"play", "pause", "stop", "next", "previous", "group-volume", "group-mute", "jump", "like", "dislike"};

static void button(struct device *d, char *line)
{
	char *save = NULL;
	const char *const what = strtok_r(line, " ", &save), *const arg = strtok_r(NULL, " ", &save), *const more = strtok_r(NULL, " ", &save);
	double number = 0, amount = 0;
	if (what == NULL || arg == NULL) {
		return;
	}
	const int value = device_number(arg, 0, 100, &number) ? (int)number : -1;
	if (strcmp(what, "volume") == 0 && value >= 0) {
		jg_set_volume(&d->client, (uint8_t)value);
	} else if (strcmp(what, "mute") == 0) {
		jg_set_muted(&d->client, value > 0);
	} else if (strcmp(what, "prefer") == 0 && value >= 0 && (size_t)value < d->config.format_count) {
		(void)jg_prefer(&d->client, &d->config.formats[value]);
	} else if (strcmp(what, "leave") == 0) {
		jg_leave(&d->client, strcmp(arg, "restart") == 0 ? JG_RESTART : JG_USER_REQUEST, device_now(d));
#if JG_CRYPTO
	} else if (strcmp(what, "pair") == 0 && strcmp(arg, "forget") == 0) {
		jg_forget_pairings(&d->client);
	} else if (strcmp(what, "pair") == 0) {
		jg_allow_pairing(&d->client, device_now(d));
#endif
	} else if (strcmp(what, "press") == 0) {
		for (unsigned i = 0; i < sizeof command_names / sizeof command_names[0]; i++) {
			if (strcmp(arg, command_names[i]) == 0) {
				const bool good = more == NULL || device_number(more, 0, 100, &amount);
				const int r = good ? jg_press(&d->client, (enum jg_command)(1u << i), (uint8_t)amount) : JG_ERR_ARGUMENT;
				device_say(d, "pressed", "button", arg, "error", r < 0 ? jg_strerror(r) : NULL, (char *)0);
			}
		}
	}
}

bool device_buttons(struct device *d)
{
	char data[128];
	const ssize_t n = read(STDIN_FILENO, data, sizeof data);
	for (ssize_t i = 0; i < n; i++) {
		if (data[i] == '\n') {
			d->line[d->line_have] = '\0';
			d->line_have = 0;
			button(d, d->line);
		} else if (d->line_have + 1 < sizeof d->line) {
			d->line[d->line_have++] = data[i];
		}
	}
	return n > 0;
}
