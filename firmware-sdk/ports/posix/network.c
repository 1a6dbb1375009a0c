/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void prepare(int s)
{
	const int one = 1;
	(void)fcntl(s, F_SETFL, O_NONBLOCK);
	(void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

void device_drop(struct device *d, int link)
{
	if (d->sockets[link] >= 0) {
		(void)shutdown(d->sockets[link], SHUT_RDWR);
		(void)close(d->sockets[link]);
		d->sockets[link] = -1;
	}
	d->connecting = false;
	jg_closed(&d->client, link, device_now(d));
}

int device_listen(uint16_t port)
{
	const int one = 1;
	const int s = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	if (s < 0) {
		return -1;
	}
	(void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, (struct sockaddr *)&any, sizeof any) < 0 || listen(s, 2) < 0) {
		(void)close(s);
		return -1;
	}
	return s;
}

void device_accept(struct device *d)
{
	const int s = accept(d->listener, NULL, NULL);
	const int link = jg_free_link(&d->client);
	if (s < 0 || link < 0) {
		return;
	}
	prepare(s);
	d->sockets[link] = s;
	(void)jg_opened(&d->client, link, true, device_now(d));
}

void device_dial(struct device *d)
{
	char host[256];
	(void)snprintf(host, sizeof host, "%s", d->server);
	char *const colon = strrchr(host, ':');
	const char *port = "8927";
	if (colon != NULL) {
		*colon = '\0';
		port = colon + 1;
	}
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	if (getaddrinfo(host, port, &hints, &found) != 0) {
		device_drop(d, 0);
		return;
	}
	const int s = socket(found->ai_family, SOCK_STREAM, 0);
	if (s >= 0) {
		prepare(s);
		d->sockets[0] = s;
		d->connecting = true;
		if (connect(s, found->ai_addr, found->ai_addrlen) < 0 && errno != EINPROGRESS) {
			device_drop(d, 0);
		}
	}
	freeaddrinfo(found);
}

void device_dialled(struct device *d)
{
	int error = 0;
	socklen_t size = sizeof error;
	(void)getsockopt(d->sockets[0], SOL_SOCKET, SO_ERROR, &error, &size);
	d->connecting = false;
	if (error != 0) {
		device_drop(d, 0);
	} else {
		(void)jg_opened(&d->client, 0, false, device_now(d));
	}
}

void device_send(struct device *d, int link)
{
	const uint8_t *data;
	size_t n;
	while (d->sockets[link] >= 0 && (n = jg_output(&d->client, link, &data)) > 0) {
		const ssize_t sent = send(d->sockets[link], data, n, MSG_NOSIGNAL);
		if (sent <= 0) {
			if (sent < 0 && errno != EAGAIN && errno != EINTR) {
				device_drop(d, link);
			}
			return;
		}
		jg_sent(&d->client, link, (size_t)sent, device_now(d));
	}
}

void device_receive(struct device *d, int link)
{
	uint8_t data[4096];
	const ssize_t n = recv(d->sockets[link], data, sizeof data, 0);
	if (n > 0) {
		(void)jg_received(&d->client, link, data, (size_t)n, device_now(d));
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		device_drop(d, link);
	}
}
