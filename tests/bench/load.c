/*
 * load PORT PATH CLIENT_ID SECONDS CONNECTIONS [FIRST [BATCH [VISITORS]]]:
 * posts events over kept connections to an HTTP server on loopback, each from
 * another visitor, as fast as they are answered, and prints one line:
 *
 *   requests=N ok=N per_second=N next=N
 *
 * per_second counts events.  With BATCH, events name their devices; 1 sends
 * them one by one, more sends arrays of so many bodies.  With VISITORS as well
 * they are of so many visitors who come again, and every eighth is an identify
 * or an increment of one of them.
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

enum { CONNECTIONS_MAX = 512, ANSWER_MAX = 512 * 1024, EVENT_MAX = 640, BATCH_MAX = 1000 };

struct load {
	const char *path, *client_id;
	int port, epoll;
	uint64_t next, requests, good, good_events;
	unsigned batch, visitors;
	char body[BATCH_MAX * EVENT_MAX], request[BATCH_MAX * EVENT_MAX + 2048];
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

static unsigned mix(unsigned v)
{
	v = (v ^ v >> 16) * 0x45d9f3bu;
	v = (v ^ v >> 16) * 0x45d9f3bu;
	return v ^ v >> 16;
}

/* The body of event n. */
static int put_event(const struct load *l, unsigned n, char *out)
{
	unsigned visitor = l->visitors ? mix(n / 16) % l->visitors : n;
	char device[64] = "", profile[48] = "";

	if (l->visitors && n % 16 == 0)
		return snprintf(out, EVENT_MAX, "{\"type\":\"identify\",\"payload\":{\"profileId\":\"v%u\",\"firstName\":\"Ada\",\"email\":\"v%u@example.com\","
			"\"properties\":{\"plan\":{\"name\":\"pro\"},\"last\":%u}}}", visitor, visitor, n);
	if (l->visitors && n % 16 == 1)
		return snprintf(out, EVENT_MAX, "{\"type\":\"increment\",\"payload\":{\"profileId\":\"v%u\",\"property\":\"usage.views\",\"value\":3}}", visitor);
	if (l->batch)
		snprintf(device, sizeof(device), ",\"__deviceId\":\"device-%08x-%08x\"", visitor, mix(visitor));
	if (l->visitors)
		snprintf(profile, sizeof(profile), "\"profileId\":\"v%u\",", visitor);
	return snprintf(out, EVENT_MAX,
		"{\"type\":\"track\",\"payload\":{\"name\":\"screen_view\",%s\"properties\":{"
		"\"__path\":\"https://shop.example/products/%u?utm_source=newsletter&utm_medium=email\","
		"\"__referrer\":\"https://www.google.com/\",\"__title\":\"Product %u\",\"list\":\"spring\",\"position\":%u%s}}}",
		profile, n % 1000, n % 1000, n % 17, device);
}

/* A request with the next event or events: address of a visitor, and one of a few browsers. */
static int send_event(struct load *l, const struct connection *c)
{
	static const char *const browsers[] = { "139.0.0.0", "138.0.0.0", "137.0.0.0", "136.0.0.0" };
	unsigned n = (unsigned)l->next, count = l->batch > 1 ? l->batch : 1;
	int body_len = 0, len;

	for (unsigned k = 0; k < count; k++) {
		if (l->batch > 1)
			l->body[body_len++] = k ? ',' : '[';
		body_len += put_event(l, (unsigned)l->next++, l->body + body_len);
	}
	if (l->batch > 1)
		l->body[body_len++] = ']';
	len = snprintf(l->request, sizeof(l->request),
		"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
		"Origin: https://shop.example\r\nAccept: */*\r\nAccept-Language: en-GB,en;q=0.9\r\n"
		"Sec-Fetch-Mode: cors\r\nSec-Fetch-Site: cross-site\r\nSec-CH-UA: \"Chromium\";v=\"139\"\r\n"
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36\r\n"
		"X-Forwarded-For: %u.%u.%u.%u\r\nopenpanel-client-id: %s\r\nopenpanel-sdk-name: web\r\nopenpanel-sdk-version: 1.4.1\r\n\r\n%.*s",
		l->path, body_len, browsers[n % 4], 81 + n / 16000000 % 40, n / 62500 % 250 + 1, n / 250 % 250 + 1, n % 250 + 1, l->client_id, body_len,
		l->body);
	l->requests++;
	return write(c->fd, l->request, (size_t)len) == len ? 0 : fail("write");
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

/* Events that the answer takes: all, or as many as the answer to a batch says. */
static unsigned taken(const struct load *l, const char *answer)
{
	const char *at = l->batch > 1 ? strstr(answer, "\"accepted\":") : NULL;
	weir_text digits;
	uint64_t n = 0;

	if (l->batch <= 1)
		return 1;
	if (!at)
		return 0;
	at += strlen("\"accepted\":");
	digits = (weir_text){ at, strspn(at, "0123456789") };
	return weir_num_uint(digits, &n) ? 0 : (unsigned)n;
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
	if (!strncmp(c->answer, "HTTP/1.1 200", 12)) {
		l->good++;
		l->good_events += taken(l, c->answer);
	}
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
		(long long)((int64_t)l->good_events * 1000 / took), (unsigned long long)l->next);
	return 0;
}

static bool number(char **argv, int argc, int at, int64_t *out)
{
	return at >= argc || (!weir_num_int(weir_text_of(argv[at]), out) && *out >= 0);
}

int main(int argc, char **argv)
{
	static struct load l;
	struct connection *list;
	int64_t port = 0, seconds = 0, count = 0, first = 0, batch = 0, visitors = 0;

	if (argc < 6 || !number(argv, argc, 1, &port) || !number(argv, argc, 4, &seconds) || !number(argv, argc, 5, &count) ||
	    !number(argv, argc, 6, &first) || !number(argv, argc, 7, &batch) || !number(argv, argc, 8, &visitors) ||
	    count < 1 || count > CONNECTIONS_MAX || batch > BATCH_MAX) {
		fputs("usage: load PORT PATH CLIENT_ID SECONDS CONNECTIONS [FIRST [BATCH [VISITORS]]]\n", stderr);
		return 2;
	}
	l.epoll = epoll_create1(0);
	l.port = (int)port;
	l.path = argv[2];
	l.client_id = argv[3];
	l.next = (uint64_t)first;
	l.batch = (unsigned)batch;
	l.visitors = (unsigned)visitors;
	list = calloc((size_t)count, sizeof(*list));
	return !list || l.epoll < 0 ? 1 : run(&l, list, (int)count, seconds);
}
