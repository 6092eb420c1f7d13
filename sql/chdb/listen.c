#include "config.h"
#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511 };

static weir_err listen_unix(const char *address, int *fd, char name[WEIR_LISTEN_NAME], struct weir_fault *fault)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *path = address + strlen("unix:");
	struct stat st;
	int probe;

	if (strlen(path) >= sizeof(un.sun_path) || !*path) {
		weir_fault_set(fault, "chdb.listen: the path of a socket has 1 to %zu bytes", sizeof(un.sun_path) - 1);
		return WEIR_EBADREQ;
	}
	memcpy(un.sun_path, path, strlen(path) + 1);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A socket file that nobody answers on was left behind by a process that was killed. */
	if (*fd >= 0 && !stat(path, &st) && S_ISSOCK(st.st_mode)) {
		probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (probe >= 0 && connect(probe, (struct sockaddr *)&un, sizeof(un)) && errno == ECONNREFUSED)
			unlink(path);
		if (probe >= 0)
			close(probe);
	}
	if (*fd < 0 || bind(*fd, (struct sockaddr *)&un, sizeof(un)) || chmod(path, 0660) || listen(*fd, BACKLOG)) {
		weir_fault_set(fault, "cannot listen on %.300s: %s", address, strerror(errno));
		if (*fd >= 0)
			close(*fd);
		return WEIR_EUNAVAIL;
	}
	snprintf(name, WEIR_LISTEN_NAME, "%s", address);
	return WEIR_OK;
}

/* Splits "host:port" or "[host]:port". */
static bool split(const char *address, char *host, size_t host_size, char *port, size_t port_size)
{
	const char *colon = strrchr(address, ':');
	size_t n = colon ? (size_t)(colon - address) : 0;

	if (!colon || !colon[1] || strlen(colon + 1) >= port_size)
		return false;
	if (n > 1 && address[0] == '[' && address[n - 1] == ']') {
		address++;
		n -= 2;
	}
	if (n >= host_size)
		return false;
	memcpy(host, address, n);
	host[n] = '\0';
	memcpy(port, colon + 1, strlen(colon + 1) + 1);
	return true;
}

static bool try_listen(const struct addrinfo *ai, int *fd, char name[WEIR_LISTEN_NAME])
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[64], port[16];
	int one = 1;

	*fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return false;
	if (setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) || bind(*fd, ai->ai_addr, ai->ai_addrlen) ||
	    listen(*fd, BACKLOG) || getsockname(*fd, (struct sockaddr *)&ss, &len) ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV)) {
		int saved = errno;

		close(*fd);
		errno = saved;
		return false;
	}
	snprintf(name, WEIR_LISTEN_NAME, ss.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	return true;
}

weir_err weir_listen(const char *address, int *fd, char name[WEIR_LISTEN_NAME], struct weir_fault *fault)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *list;
	char host[256], port[8];
	bool done = false;
	int rc;

	if (!strncmp(address, "unix:", 5))
		return listen_unix(address, fd, name, fault);
	if (!split(address, host, sizeof(host), port, sizeof(port))) {
		weir_fault_set(fault, "chdb.listen: %.200s is not HOST:PORT, [ADDRESS]:PORT or unix:PATH", address);
		return WEIR_EBADREQ;
	}
	rc = getaddrinfo(*host ? host : NULL, port, &hints, &list);
	if (rc) {
		weir_fault_set(fault, "chdb.listen: %.200s: %s", address, gai_strerror(rc));
		return WEIR_EBADREQ;
	}
	for (struct addrinfo *ai = list; ai && !done; ai = ai->ai_next)
		done = try_listen(ai, fd, name);
	if (!done)
		weir_fault_set(fault, "cannot listen on %.200s: %s", address, strerror(errno));
	freeaddrinfo(list);
	return done ? WEIR_OK : WEIR_EUNAVAIL;
}
