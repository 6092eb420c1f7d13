/* weirctl doctor: what lies in files and sockets of this machine. */
#include "config.h"
#include "doctor.h"

#include "base/clock.h"

#include <errno.h>
#include <maxminddb.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

enum { DAY_S = 86400, CERTIFICATE_WARN_DAYS = 14, GEO_OLD_DAYS = 365 };

static bool readable(struct ctl_report *r, const char *setting, const char *path)
{
	if (!access(path, R_OK)) {
		ctl_finding(r, CTL_FINE, NULL, "%s: %s is there", setting, path);
		return true;
	}
	ctl_finding(r, CTL_WRONG, "put the file there, let the service's user read it, or correct the setting", "%s: %s: %s", setting, path,
		strerror(errno));
	return false;
}

static void own_file(struct ctl_report *r, const char *path)
{
	struct stat st;

	if (path && !stat(path, &st) && (st.st_mode & S_IROTH))
		ctl_finding(r, CTL_WARN, "chmod 640 it: it holds passwords", "%s may be read by everybody", path);
}

/* Calls look for each file of a list. */
static void each_file(struct ctl_report *r, const char *setting, const char *list, void (*look)(struct ctl_report *, const char *, const char *))
{
	weir_text rest = weir_text_of(list), item;

	while (weir_text_next(&rest, ',', &item)) {
		weir_text path = weir_text_dup(r->ctl->mem, item);

		if (path.n)
			look(r, setting, path.p);
	}
}

static void database(struct ctl_report *r, const char *setting, const char *path)
{
	MMDB_s db;
	int status = access(path, R_OK) ? MMDB_FILE_OPEN_ERROR : MMDB_open(path, MMDB_MODE_MMAP, &db);
	int64_t days;

	if (status == MMDB_FILE_OPEN_ERROR) {
		readable(r, setting, path);
		return;
	}
	if (status != MMDB_SUCCESS) {
		ctl_finding(r, CTL_WRONG, "put a whole MaxMind-format file there", "%s: %s: %s", setting, path, MMDB_strerror(status));
		return;
	}
	days = (weir_now_ms() / 1000 - (int64_t)db.metadata.build_epoch) / DAY_S;
	ctl_finding(r, days > GEO_OLD_DAYS ? CTL_WARN : CTL_FINE, "get a newer one: addresses change hands", "%s: %s, %lld days old", setting, path,
		(long long)days);
	MMDB_close(&db);
}

static void plain(struct ctl_report *r, const char *setting, const char *path) { readable(r, setting, path); }

void ctl_check_files(struct ctl_report *r)
{
	const struct weir_conf *c = &r->ctl->conf;

	own_file(r, r->ctl->conf.file);
	if (!*c->geo_city_file)
		ctl_finding(r, CTL_WARN, "set it to a MaxMind-format file, such as DB-IP's city lite", "geo.city_file is empty: events have no country and city");
	each_file(r, "geo.city_file", c->geo_city_file, database);
	each_file(r, "geo.asn_file", c->geo_asn_file, database);
	each_file(r, "geo.hosting_file", c->geo_hosting_file, plain);
}

/* ---------------------------------------------------------------- responders */

/* Connects and goes away again; no worker is kept busy by that. */
static void socket_of(struct ctl_report *r, const char *program, const char *setting, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, failed;

	if (strlen(path) >= sizeof(a.sun_path)) {
		ctl_finding(r, CTL_WRONG, "choose a shorter path: a socket's has 107 bytes at most", "%s: %s", setting, path);
		return;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	failed = fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (!failed)
		ctl_finding(r, CTL_FINE, NULL, "%s listens on %s", program, path);
	else if (failed == EAGAIN)
		ctl_finding(r, CTL_WARN, "run more workers of it", "%s: its queue on %s is full", program, path);
	else if (failed == ENOENT)
		ctl_finding(r, CTL_WARN, "start it, or correct the setting; as plain CGI it has no socket", "%s: %s: %s is not there", program, setting, path);
	else if (failed == EACCES)
		ctl_finding(r, CTL_WARN, "run doctor as root or as nginx's user to see it", "%s: %s: %s", program, path, strerror(failed));
	else
		ctl_finding(r, CTL_WRONG, "start it: see its log for why it ended", "%s: %s: %s", program, path, strerror(failed));
}

void ctl_check_responders(struct ctl_report *r)
{
	socket_of(r, "weir-track", "nginx.track_socket", r->ctl->conf.nginx_track_socket);
	socket_of(r, "weir-api", "nginx.api_socket", r->ctl->conf.nginx_api_socket);
}

/* --------------------------------------------------------------------- nginx */

/* The folder of a file that is written anew, since it is moved into place. */
static void writable_folder(struct ctl_report *r, const char *setting, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash > path ? weir_strndup(r->ctl->mem, path, (size_t)(slash - path)) : NULL;

	if (!folder || !access(folder, W_OK))
		return;
	ctl_finding(r, CTL_WRONG, "make the folder and let the worker's user write there", "%s: %s: %s", setting, folder, strerror(errno));
}

static void certificate(struct ctl_report *r)
{
	const char *path = r->ctl->conf.nginx_certificate;
	FILE *f = fopen(path, "re");
	X509 *x = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	int days = 0, seconds = 0;

	if (!f)
		readable(r, "nginx.certificate", path);
	else if (!x || !ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)))
		ctl_finding(r, CTL_WRONG, "put a chain of certificates in PEM there", "nginx.certificate: %s holds none", path);
	else if (days < 0 || seconds < 0)
		ctl_finding(r, CTL_WRONG, "renew it and let nginx reload", "nginx.certificate: %s has expired", path);
	else
		ctl_finding(r, days < CERTIFICATE_WARN_DAYS ? CTL_WARN : CTL_FINE, "renew it and let nginx reload", "nginx.certificate: %s is good for %d days", path,
			days);
	X509_free(x);
	if (f)
		fclose(f);
}

static void scripts(struct ctl_report *r)
{
	static const char *const names[] = { "op1.js", "op1-replay.js" };
	const char *dir = r->ctl->conf.nginx_static_dir;
	char path[4096];

	dir = *dir ? dir : WEIR_DATADIR "/static";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", dir, names[i]);

		if (n < 0 || (size_t)n >= sizeof(path) || access(path, R_OK))
			ctl_finding(r, CTL_WARN, "take it from npm's @openpanel/web (configure --with-openpanel-web), or load the tracker from elsewhere",
				"nginx.static_dir: %s/%s: %s", dir, names[i], strerror(errno));
	}
}

/* Only where weirctl nginx-site is in use: it wants nginx.maps_file. */
void ctl_check_nginx(struct ctl_report *r)
{
	const struct weir_conf *c = &r->ctl->conf;

	if (!*c->nginx_maps_file)
		return;
	readable(r, "nginx.maps_file", c->nginx_maps_file);
	writable_folder(r, "nginx.maps_file", c->nginx_maps_file);
	if (!*c->nginx_reload_command)
		ctl_finding(r, CTL_WARN, "set it, such as \"systemctl reload nginx\"", "nginx.reload_command is empty: nginx does not notice changed origins");
	if (*c->nginx_listen_https)
		certificate(r);
	scripts(r);
}

/* ---------------------------------------------------------------------- disk */

/* Each file system is told once, by the first who writes there. */
static void disk_of(struct ctl_report *r, const char *who, const char *path)
{
	struct statvfs fs;
	struct stat st;
	double free_gb, share;

	if (!path || stat(path, &st) || statvfs(path, &fs) || !fs.f_blocks)
		return; /* another machine's, not made yet, or not ours to see */
	for (size_t i = 0; i < r->disk_count; i++)
		if (r->disks[i] == st.st_dev)
			return;
	if (r->disk_count < sizeof(r->disks) / sizeof(*r->disks))
		r->disks[r->disk_count++] = st.st_dev;
	free_gb = (double)fs.f_bavail * (double)fs.f_frsize / 1e9;
	share = (double)fs.f_bavail / (double)fs.f_blocks;
	ctl_finding(r, share < 0.02 || free_gb < 0.5 ? CTL_WRONG : share < 0.1 || free_gb < 2 ? CTL_WARN : CTL_FINE,
		"make room: Redis, PostgreSQL and ClickHouse stop taking data when the disk is full", "%s, %s: %.1f GB free (%.0f %%)", who, path, free_gb,
		share * 100);
}

void ctl_check_disk(struct ctl_report *r)
{
	disk_of(r, "ClickHouse", r->ctl->conf.chdb_path);
	disk_of(r, "Redis", r->redis_dir);
	disk_of(r, "PostgreSQL", r->pg_dir);
	disk_of(r, "this machine", "/");
}
