/*
 * load PORT PATH CLIENT_ID SECONDS CONNECTIONS [FIRST]: posts events over kept
 * connections to an HTTP server on loopback, each from another visitor, as
 * fast as they are answered, and prints one line:
 *
 *   requests=N ok=N per_second=N next=N
 *
 * One thread, one write and one read per request, so that little of the
 * machine is spent here.  next is the FIRST for a run with new visitors.
 */
#include "config.h"

#include "base/clock.h"
#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 512, ANSWER_MAX = 8192 };

struct load {
	const char *path, *client_id;
	int port, epoll;
	uint64_t next, requests, good;
};

struct connection {
	int fd;
	size_t have;
	char answer[ANSWER_MAX];
};

static int fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	return -1;
}

/* A page view of visitor n: its address, and one of a few browsers and pages. */
static int send_event(struct load *l, const struct connection *c)
{
	static const char *const browsers[] = { "139.0.0.0", "138.0.0.0", "137.0.0.0", "136.0.0.0" };
	unsigned n = (unsigned)l->next++;
	char body[512], request[2048];
	int body_len, len;

	body_len = snprintf(body, sizeof(body),
		"{\"type\":\"track\",\"payload\":{\"name\":\"screen_view\",\"properties\":{"
		"\"__path\":\"https://shop.example/products/%u?utm_source=newsletter&utm_medium=email\","
		"\"__referrer\":\"https://www.google.com/\",\"__title\":\"Product %u\",\"list\":\"spring\",\"position\":%u}}}",
		n % 1000, n % 1000, n % 17);
	len = snprintf(request, sizeof(request),
		"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
		"Origin: https://shop.example\r\nAccept: */*\r\nAccept-Language: en-GB,en;q=0.9\r\n"
		"Sec-Fetch-Mode: cors\r\nSec-Fetch-Site: cross-site\r\nSec-CH-UA: \"Chromium\";v=\"139\"\r\n"
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36\r\n"
		"X-Forwarded-For: %u.%u.%u.%u\r\nopenpanel-client-id: %s\r\nopenpanel-sdk-name: web\r\nopenpanel-sdk-version: 1.4.1\r\n\r\n%s",
		l->path, body_len, browsers[n % 4], 81 + n / 16000000 % 40, n / 62500 % 250 + 1, n / 250 % 250 + 1, n % 250 + 1, l->client_id, body);
	l->requests++;
	return write(c->fd, request, (size_t)len) == len ? 0 : fail("write");
}

/* Whether a whole answer has come: its head, and as many bytes as Content-Length says. */
static bool complete(const struct connection *c)
{
	const char *end = memmem(c->answer, c->have, "\r\n\r\n", 4), *at;
	weir_text digits;
	uint64_t n = 0;

	if (!end)
		return false;
	at = strcasestr(c->answer, "content-length: ");
	if (!at || at > end)
		return false;
	at += strlen("content-length: ");
	digits = (weir_text){ at, strcspn(at, "\r") };
	return !weir_num_uint(digits, &n) && c->have >= (size_t)(end + 4 - c->answer) + n;
}

static int open_connection(struct load *l, struct connection *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct epoll_event ev = { .events = EPOLLIN, .data = { .ptr = c } };

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) || epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev))
		return fail("connect");
	return send_event(l, c);
}

static int take_answer(struct load *l, struct connection *c)
{
	ssize_t n = read(c->fd, c->answer + c->have, sizeof(c->answer) - 1 - c->have);
	bool last;

	if (n <= 0)
		return fail("read");
	c->have += (size_t)n;
	c->answer[c->have] = '\0';
	if (!complete(c))
		return c->have < sizeof(c->answer) - 1 ? 0 : fail("answer too long");
	l->good += !strncmp(c->answer, "HTTP/1.1 200", 12);
	/* A server ends a connection after so many requests. */
	last = strcasestr(c->answer, "connection: close");
	c->have = 0;
	if (!last)
		return send_event(l, c);
	close(c->fd);
	return open_connection(l, c);
}

static int run(struct load *l, struct connection *list, int count, int64_t seconds)
{
	int64_t start = weir_monotonic_ms(), end = start + seconds * 1000, took;
	struct epoll_event ready[64];

	for (int i = 0; i < count; i++)
		if (open_connection(l, &list[i]))
			return 1;
	while (weir_monotonic_ms() < end) {
		int n = epoll_wait(l->epoll, ready, 64, 100);

		for (int i = 0; i < n; i++)
			if (take_answer(l, ready[i].data.ptr))
				return 1;
	}
	took = weir_monotonic_ms() - start;
	printf("requests=%llu ok=%llu per_second=%lld next=%llu\n", (unsigned long long)l->requests, (unsigned long long)l->good,
		(long long)((int64_t)l->good * 1000 / took), (unsigned long long)l->next);
	return 0;
}

int main(int argc, char **argv)
{
	struct load l = { .epoll = epoll_create1(0) };
	struct connection *list;
	int64_t port, seconds, count, first = 0;

	if (argc < 6 || weir_num_int(weir_text_of(argv[1]), &port) || weir_num_int(weir_text_of(argv[4]), &seconds) ||
	    weir_num_int(weir_text_of(argv[5]), &count) || count < 1 || count > CONNECTIONS_MAX ||
	    (argc > 6 && weir_num_int(weir_text_of(argv[6]), &first))) {
		fputs("usage: load PORT PATH CLIENT_ID SECONDS CONNECTIONS [FIRST]\n", stderr);
		return 2;
	}
	l.port = (int)port;
	l.path = argv[2];
	l.client_id = argv[3];
	l.next = (uint64_t)first;
	list = calloc((size_t)count, sizeof(*list));
	return !list || l.epoll < 0 ? 1 : run(&l, list, (int)count, seconds);
}
