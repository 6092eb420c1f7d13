/* weir-chdb: the embedded ClickHouse engine behind ClickHouse's HTTP interface. */
#include "config.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine.h"
#include "http.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void usage(FILE *out)
{
	fputs("usage: weir-chdb [-t] [-c FILE]\n"
		"  -c, --config FILE  settings, instead of the installed weir.conf\n"
		"  -t, --test         check the settings and end\n"
		"      --help, --version\n", out);
}

static int check_conf(const struct weir_conf *conf, struct weir_fault *fault)
{
	if (conf->chdb_connections < 1 || conf->chdb_connections > 256)
		weir_fault_set(fault, "chdb.connections must be 1 to 256");
	else if (conf->chdb_threads < 1 || conf->chdb_threads > 256)
		weir_fault_set(fault, "chdb.threads must be 1 to 256");
	else if (conf->chdb_queue_max < 0 || conf->chdb_body_max < 1 || conf->chdb_spool_max < 0)
		weir_fault_set(fault, "chdb.queue_max, chdb.body_max and chdb.spool_max cannot be negative");
	else if (conf->chdb_memory_max < (256 << 20))
		weir_fault_set(fault, "chdb.memory_max must be at least 256M: the engine itself takes about 200M of it");
	else if (weir_log_level_of(conf->log_level) < 0)
		weir_fault_set(fault, "log.level is not known");
	else
		return 1;
	return 0;
}

/* The engine would read data for an INSERT from standard input. */
static bool close_stdin(void)
{
	int fd = open("/dev/null", O_RDONLY);
	bool done = fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO;

	if (fd > STDIN_FILENO)
		close(fd);
	return done;
}

/* Until nothing runs and nothing is being sent, or chdb.stop_timeout is over, or a second signal comes. */
static void drain(const struct weir_conf *conf, struct weir_pool *pool, struct weir_http *http, const sigset_t *signals)
{
	int64_t until = weir_monotonic_ms() + conf->chdb_stop_timeout;
	const struct timespec step = { 0, 20000000 };

	while (weir_pool_busy(pool) || weir_http_open_calls(http)) {
		if (weir_monotonic_ms() >= until) {
			weir_log(LOG_WARNING, "stop", "unfinished=%zu reason=\"chdb.stop_timeout is over\"", weir_http_open_calls(http));
			return;
		}
		if (sigtimedwait(signals, NULL, &step) > 0) {
			weir_log(LOG_WARNING, "stop", "unfinished=%zu reason=\"second signal\"", weir_http_open_calls(http));
			return;
		}
	}
}

static int serve(const struct weir_conf *conf)
{
	struct weir_fault fault = { "out of memory" };
	struct weir_pool *pool = NULL;
	struct weir_http *http = NULL;
	int64_t begun = weir_monotonic_ms();
	sigset_t signals;
	int sig, rc = 1;

	/* Blocked before the first thread starts: all of them inherit it. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!close_stdin())
		weir_fault_set(&fault, "/dev/null: %s", strerror(errno));
	else if (!weir_engine_open(conf, &fault)) {
		if (!weir_pool_start(conf, &pool, &fault) && !weir_http_start(conf, pool, &http, &fault))
			rc = 0;
	}
	if (rc) {
		weir_log(LOG_ERR, "start", "error=\"%s\"", fault.text);
	} else {
		weir_log(LOG_NOTICE, "listen", "address=%s path=%s engine=%s ms=%lld", weir_http_address(http), conf->chdb_path,
			weir_engine_version(), (long long)(weir_monotonic_ms() - begun));
		while (!sigwait(&signals, &sig) && sig == SIGHUP)
			weir_log(LOG_NOTICE, "reload", "text=\"weir-chdb reads its settings at the start only\"");
		weir_log(LOG_NOTICE, "stop", "signal=%d busy=%zu", sig, weir_pool_busy(pool));
		weir_http_quiesce(http);
		drain(conf, pool, http, &signals);
	}
	if (pool)
		weir_pool_stop(pool);
	if (http)
		weir_http_stop(http);
	weir_engine_close();
	return rc;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "test", no_argument, NULL, 't' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' }, { NULL, 0, NULL, 0 },
	};
	const char *file = NULL;
	struct weir_fault fault;
	struct weir_conf conf;
	bool test = false;
	int c, rc;

	while ((c = getopt_long(argc, argv, "c:th", options, NULL)) >= 0)
		switch (c) {
		case 'c': file = optarg; break;
		case 't': test = true; break;
		case 'h': usage(stdout); return 0;
		case 'v': puts("weir-chdb " PACKAGE_VERSION); return 0;
		default: usage(stderr); return 2;
		}
	if (optind < argc) {
		usage(stderr);
		return 2;
	}
	weir_log_open("weir-chdb", LOG_INFO);
	if (weir_conf_load(&conf, file, &fault)) {
		weir_log(LOG_ERR, "settings", "error=\"%s\"", fault.text);
		return 2;
	}
	weir_log_level(weir_log_level_of(conf.log_level));
	if (!check_conf(&conf, &fault)) {
		weir_log(LOG_ERR, "settings", "error=\"%s\"", fault.text);
		rc = 2;
	} else {
		rc = test ? 0 : serve(&conf);
	}
	if (test && !rc)
		puts("weir-chdb: the settings are good");
	weir_conf_free(&conf);
	return rc;
}
