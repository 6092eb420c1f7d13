#ifndef WEIR_INGEST_SPOOL_H
#define WEIR_INGEST_SPOOL_H
#include "base/conf.h"
#include "ingest/spoolfile.h"
#include <stdatomic.h>
/*
 * The spool: calls that Redis did not take, in files of track.spool_dir
 * (ingest/spoolfile.h), synced to the disk before anybody is answered.
 *
 * Whoever writes or replays a file holds a lock on it (flock), which ends with
 * the process.  A process that has something to keep goes on with the newest
 * small file that nobody holds, or begins one; it lets go of it when Redis
 * takes calls again, when nothing arrives for a second, and when the file has
 * grown to WEIR_SPOOL_ROLL.  So a plain CGI program, one process per request,
 * leaves few files, with the same code and without waiting for another.
 *
 * Bounds: all files together take at most track.spool_max, and
 * track.spool_disk_min percent of the file system stay free.
 */
enum { WEIR_SPOOL_ROLL = 2 * 1024 * 1024 };

/* What the processes of a host share: a page of the file "state" in the spool's directory. */
struct weir_spool_page {
	_Atomic uint64_t refused;         /* calls that were refused because the spool was full or could not be written */
	_Atomic int64_t refused_at_ms;    /* when that happened last; server ms */
	_Atomic int64_t redis_rests_until_ms; /* monotonic: until then Redis is left alone; 0 while it is used */
	_Atomic int64_t redis_pause_ms;
};

typedef struct weir_spool weir_spool;

/*
 * Makes the directory when its parent is there.  A directory that cannot be
 * used is no fault: that is logged, and calls are refused until it can be.
 * NULL with *fault filled when a setting makes no sense.
 */
weir_spool *weir_spool_new(const struct weir_conf *conf, struct weir_fault *fault);
void weir_spool_free(weir_spool *s);
/* Never NULL; private to the process while the file cannot be made. */
struct weir_spool_page *weir_spool_page(weir_spool *s);

/*
 * Keeps the calls whose err is WEIR_EUNAVAIL and that are no questions, in one
 * write and one sync, all or none; sets kept and err of each.  False when they
 * could not be kept.
 */
bool weir_spool_append(weir_spool *s, struct weir_call *calls, size_t count);
/* Something of this host waits to be replayed; looks into the directory. */
bool weir_spool_waits(const weir_spool *s);
/* Lets go of the file, so that weir-worker may replay it. */
void weir_spool_release(weir_spool *s);

/* ------------------------------------------------------------ for those who read it */

enum { WEIR_SPOOL_NAME_MAX = 96 };

/* What lies in a spool's directory. */
struct weir_spool_figures {
	int64_t files, bytes, records;
	int64_t oldest_at_ms;             /* server ms of the oldest record; 0 for none */
	int64_t bad_files, bad_records;   /* that Redis refuses: files ending in .bad */
	int64_t refused, refused_at_ms;   /* calls that found the spool full or not usable, and when last; server ms */
};
/* Looks into all files. WEIR_ENOTFOUND when there is no directory, WEIR_EUNAVAIL when it cannot be read; *out is zero then. */
WEIR_MUSTCHECK weir_err weir_spool_survey(const struct weir_conf *conf, struct weir_spool_figures *out);

/* Names of the files ending in suffix, oldest first, at most max; false when the directory cannot be read. */
bool weir_spool_list(const char *dir, const char *suffix, char (*names)[WEIR_SPOOL_NAME_MAX], size_t max, size_t *count);
/* Opens and locks a file; -1 when it is gone or another's. */
int weir_spool_lock(int dir_fd, const char *name);
/* The whole file into out; -1 on failure. */
int weir_spool_load(int fd, weir_str *out);
#endif
