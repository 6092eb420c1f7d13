/*
 * ask http PORT SECONDS CONNECTIONS COOKIE PATH
 * ask pg URL SECONDS CONNECTIONS SQL [PARAMETER ...]
 *
 * Asks the same question over kept connections, each as soon as the one before
 * has been answered, and prints one line; times are in microseconds:
 *
 *   requests=N ok=N per_second=N p50=N p99=N
 *
 * One thread, so that little of the machine is spent here.
 */
#include "config.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, ANSWER_MAX = 4 * 1024 * 1024, TIMES_MAX = 4000000, ROUND = 64, MICRO = 1000000 };

struct connection {
	int fd;
	PGconn *pg;
	char *answer;
	size_t have;
	int64_t asked;
};

struct ask {
	char request[16384];
	size_t request_len;
	const char *sql;
	const char *const *params;
	int nparams;
	uint32_t *times;
	size_t count, good;
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "ask: %s: %s\n", what, why);
	return 1;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * MICRO + t.tv_nsec / 1000;
}

static bool put(struct ask *a, struct connection *c)
{
	c->asked = now_us();
	c->have = 0;
	if (c->pg)
		return PQsendQueryParams(c->pg, a->sql, a->nparams, NULL, a->params, NULL, NULL, 0) && PQflush(c->pg) == 0;
	return send(c->fd, a->request, a->request_len, MSG_NOSIGNAL) == (ssize_t)a->request_len;
}

static void note(struct ask *a, struct connection *c, bool good)
{
	if (a->count < TIMES_MAX)
		a->times[a->count++] = (uint32_t)(now_us() - c->asked);
	a->good += good;
}

/* Whole once the length that the head tells, or the last chunk, is there; 0 not yet, -1 broken. */
static int whole(struct connection *c)
{
	char *end;
	const char *length, *chunked;

	c->answer[c->have] = '\0';
	end = strstr(c->answer, "\r\n\r\n");
	if (!end)
		return 0;
	length = strcasestr(c->answer, "\r\ncontent-length:");
	chunked = strcasestr(c->answer, "\r\ntransfer-encoding: chunked");
	if (length && length < end)
		return c->have >= (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
	if (chunked && chunked < end)
		return c->have >= 5 && !memcmp(c->answer + c->have - 5, "0\r\n\r\n", 5);
	return -1;
}

static int take_http(struct ask *a, struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->have, ANSWER_MAX - 1 - c->have, 0);
	int state;

	if (n <= 0)
		return -1;
	c->have += (size_t)n;
	state = whole(c);
	if (state > 0) {
		note(a, c, !strncmp(c->answer, "HTTP/1.1 200", 12));
		state = put(a, c) ? 0 : -1;
	}
	return state;
}

static int take_pg(struct ask *a, struct connection *c)
{
	bool good = false;
	PGresult *res;

	if (!PQconsumeInput(c->pg))
		return -1;
	if (PQisBusy(c->pg))
		return 0;
	while ((res = PQgetResult(c->pg))) {
		good = good || PQresultStatus(res) == PGRES_TUPLES_OK;
		PQclear(res);
	}
	note(a, c, good);
	return put(a, c) ? 0 : -1;
}

static bool open_http(struct connection *c, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = { htonl(INADDR_LOOPBACK) } };

	c->answer = malloc(ANSWER_MAX);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	return c->answer && c->fd >= 0 && !connect(c->fd, (struct sockaddr *)&to, sizeof(to));
}

static bool open_pg(struct connection *c, const char *url)
{
	c->pg = PQconnectdb(url);
	c->fd = c->pg ? PQsocket(c->pg) : -1;
	return c->pg && PQstatus(c->pg) == CONNECTION_OK;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int run(struct ask *a, struct connection *c, size_t n, int64_t seconds)
{
	int epoll = epoll_create1(0);
	int64_t start = now_us(), end = start + seconds * MICRO, took;
	struct epoll_event events[ROUND];

	for (size_t i = 0; i < n; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data = { .ptr = &c[i] } };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, c[i].fd, &e) || !put(a, &c[i]))
			return fail("send", strerror(errno));
	}
	while (now_us() < end) {
		int got = epoll_wait(epoll, events, ROUND, 100);

		for (int i = 0; i < got; i++) {
			struct connection *one = events[i].data.ptr;

			if ((one->pg ? take_pg(a, one) : take_http(a, one)) < 0)
				return fail("answer", "the connection broke off, or there is no length");
		}
	}
	took = now_us() - start;
	close(epoll);
	qsort(a->times, a->count, sizeof(*a->times), by_size);
	printf("requests=%zu ok=%zu per_second=%.0f p50=%u p99=%u\n", a->count, a->good, (double)a->count * MICRO / (double)took,
		a->count ? a->times[a->count / 2] : 0, a->count ? a->times[a->count * 99 / 100] : 0);
	return 0;
}

int main(int argc, char **argv)
{
	static struct connection connections[CONNECTIONS_MAX];
	static struct ask a;
	bool http = argc == 7 && !strcmp(argv[1], "http"), pg = argc >= 6 && !strcmp(argv[1], "pg");
	int64_t seconds = 0, n = 0, port = 0;
	int len = 0;

	if ((!http && !pg) || weir_num_int(weir_text_of(argv[3]), &seconds) || weir_num_int(weir_text_of(argv[4]), &n) || n < 1
		|| n > CONNECTIONS_MAX || (http && weir_num_int(weir_text_of(argv[2]), &port))) {
		fputs("usage: ask http PORT SECONDS CONNECTIONS COOKIE PATH\n       ask pg URL SECONDS CONNECTIONS SQL [PARAMETER ...]\n", stderr);
		return 2;
	}
	a.times = calloc(TIMES_MAX, sizeof(*a.times));
	if (!a.times)
		return fail("memory", "none");
	if (http) {
		len = snprintf(a.request, sizeof(a.request), "GET %s HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\n\r\n", argv[6], argv[5]);
		if (len < 0 || (size_t)len >= sizeof(a.request))
			return fail("path", "too long");
		a.request_len = (size_t)len;
	} else {
		a.sql = argv[5];
		a.params = (const char *const *)argv + 6;
		a.nparams = argc - 6;
	}
	for (int64_t i = 0; i < n; i++)
		if (http ? !open_http(&connections[i], (int)port) : !open_pg(&connections[i], argv[2]))
			return fail("connect", http ? strerror(errno) : PQerrorMessage(connections[i].pg));
	return run(&a, connections, (size_t)n, seconds);
}
