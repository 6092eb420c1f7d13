/* Names of worker processes. */
#include "config.h"
#include "ingest/owner.h"

#include "base/hash.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { NAMESPACE = 1, BOOT, PID, START, PARTS = 6, FILE_MAX = 1024 };

/* The first line of a small file, without its end; "" when it cannot be read. */
static void read_line(const char *path, char out[FILE_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, FILE_MAX - 1);

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

/* When the process started, in ticks since the boot: tells a process from a later one of the same number; "" when there is none. */
static void start_of(const char *pid, char out[32])
{
	char path[64], line[FILE_MAX];
	weir_text rest, field = { NULL, 0 };

	out[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	read_line(path, line);
	/* The name in parentheses may hold anything; 20 fields follow it up to the start. */
	rest = weir_text_of(strrchr(line, ')'));
	for (int i = 0; i < 21; i++)
		if (!weir_text_next(&rest, ' ', &field))
			return;
	snprintf(out, 32, "%.*s", (int)field.n, field.p);
}

/* Which numbering of processes this is: containers have their own. */
static void namespace_of(char out[64])
{
	ssize_t n = readlink("/proc/self/ns/pid", out, 63);

	out[n > 0 ? n : 0] = '\0';
}

void weir_owner_name(char out[WEIR_OWNER_MAX])
{
	char host[64] = "", ns[64], boot[FILE_MAX], start[32], pid[16], nonce[17];
	uint8_t r[8];

	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	for (char *p = host; *p; p++)
		if (*p == '/' || *p == ' ')
			*p = '_';
	namespace_of(ns);
	read_line("/proc/sys/kernel/random/boot_id", boot);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	start_of(pid, start);
	weir_random(r, sizeof(r));
	weir_hex(r, sizeof(r), nonce);
	snprintf(out, WEIR_OWNER_MAX, "%s/%s/%.36s/%s/%s/%s", host, ns, boot, pid, start, nonce);
}

bool weir_owner_is_dead(weir_text name)
{
	char ns[64], boot[FILE_MAX], start[32], pid[16];
	weir_text part[PARTS];
	size_t n = 0;
	int64_t number;

	while (n < PARTS && weir_text_next(&name, '/', &part[n]))
		n++;
	namespace_of(ns);
	read_line("/proc/sys/kernel/random/boot_id", boot);
	if (n != PARTS || !ns[0] || !boot[0] || !weir_text_is(part[NAMESPACE], ns) || !part[START].n)
		return false;
	if (weir_num_int(part[PID], &number) || number <= 0 || number > INT32_MAX)
		return false;
	if (!weir_text_is(part[BOOT], boot))
		return false; /* perhaps this host before it started again, perhaps another with the same namespace number */
	if (kill((pid_t)number, 0) && errno == ESRCH)
		return true;
	snprintf(pid, sizeof(pid), "%ld", (long)number);
	start_of(pid, start);
	return start[0] && !weir_text_is(part[START], start);
}
