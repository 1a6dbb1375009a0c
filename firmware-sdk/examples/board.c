/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 8928, DAC_FRAMES = 1764 };

static int listener = -1, sockets[JG_LINKS] = {-1, -1};
static uint32_t dac_have;
static int64_t dac_last;
static FILE *dac; /* what the variable DAC names; NULL: it plays into nothing */
static char line[64];

int64_t board_now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

size_t dac_write(const int32_t *samples, size_t frames)
{
	const uint32_t room = DAC_FRAMES - dac_have;
	const uint32_t n = frames < room ? (uint32_t)frames : room;
	dac_last = dac_have == 0 ? board_now() : dac_last;
	dac_have += n;
	if (dac != NULL) {
		(void)fwrite(samples, 2 * sizeof *samples, n, dac);
		(void)fflush(dac);
	}
	return n;
}

static void dac_run(void)
{
	const int64_t now = board_now();
	uint32_t due = (uint32_t)((now - dac_last) * 441 / 10000);
	due = due < dac_have ? due : dac_have;
	if (due > 0) {
		dac_have -= due;
		dac_last += (int64_t)due * 10000 / 441;
		dac_played(due, dac_last);
	}
}

static void begin(void)
{
	const int one = 1;
	const char *file = getenv("DAC");
	dac = file != NULL ? fopen(file, "wb") : NULL;
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	listener = socket(AF_INET, SOCK_STREAM, 0);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (const struct sockaddr *)&any, sizeof any) < 0 || listen(listener, 2) < 0) {
		perror("port 8928");
	}
}

static void drop(struct jg_client *c, int link)
{
	(void)close(sockets[link]);
	sockets[link] = -1;
	jg_closed(c, link, board_now());
}

static void serve(struct jg_client *c, int link, bool readable)
{
	uint8_t data[2048];
	const uint8_t *out;
	size_t n;
	if (readable) {
		const ssize_t got = recv(sockets[link], data, sizeof data, 0);
		if (got <= 0) {
			drop(c, link);
			return;
		}
		(void)jg_received(c, link, data, (size_t)got, board_now());
	}
	while ((n = jg_output(c, link, &out)) > 0) {
		const ssize_t sent = send(sockets[link], out, n, MSG_NOSIGNAL);
		if (sent <= 0) {
			break;
		}
		jg_sent(c, link, (size_t)sent, board_now());
	}
	if (jg_want(c, link, board_now()) == JG_WANT_CLOSE) {
		drop(c, link);
	}
}

void board_network(struct jg_client *c, uint32_t wait_us)
{
	if (listener < 0) {
		begin();
	}
	struct pollfd p[JG_LINKS + 1] = {{sockets[0], POLLIN, 0}, {sockets[1], POLLIN, 0}, {jg_free_link(c) >= 0 ? listener : -1, POLLIN, 0}};
	(void)poll(p, JG_LINKS + 1, (int)(wait_us / 1000));
	dac_run();
	for (int i = 0; i < JG_LINKS; i++) {
		if (sockets[i] >= 0) {
			serve(c, i, p[i].revents != 0);
		}
	}
	if ((p[JG_LINKS].revents & POLLIN) != 0) {
		const int link = jg_free_link(c), s = accept(listener, NULL, NULL);
		if (s >= 0 && link >= 0) {
			(void)fcntl(s, F_SETFL, O_NONBLOCK);
			sockets[link] = s;
			(void)jg_opened(c, link, true, board_now());
		}
	}
}

const char *board_button(void)
{
	struct pollfd p = {STDIN_FILENO, POLLIN, 0};
	if (poll(&p, 1, 0) <= 0 || fgets(line, sizeof line, stdin) == NULL) {
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}
