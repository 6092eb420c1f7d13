#ifndef WEIR_ADMIN_DOCTOR_H
#define WEIR_ADMIN_DOCTOR_H
#include "ctl.h"
#include <sys/types.h>
/*
 * weirctl doctor: a row of checks, each of which tells what it found and, when
 * that is wrong, what to do.  A check looks and changes nothing.
 */
enum ctl_finding {
	CTL_FINE,
	CTL_WARN,     /* works, but not as it should */
	CTL_WRONG,    /* does not work */
};

struct ctl_report {
	struct ctl *ctl;
	const char *subject;       /* of the running check */
	int wrong, warnings;
	bool redis_up, pg_up, ch_up; /* a server that is away is told once, not by every check */
	const char *redis_dir, *pg_dir; /* where those of this machine write; NULL when not known */
	dev_t disks[8];            /* file systems that were told */
	size_t disk_count;
};

/* One finding: "redis  ok  7.0.15"; advice for what is not fine. */
void ctl_finding(struct ctl_report *r, enum ctl_finding f, const char *advice, const char *fmt, ...) WEIR_PRINTF(4, 5);

void ctl_check_postgres(struct ctl_report *r);
void ctl_check_redis(struct ctl_report *r);
void ctl_check_clickhouse(struct ctl_report *r);
void ctl_check_queue(struct ctl_report *r);
void ctl_check_worker(struct ctl_report *r);
void ctl_check_spool(struct ctl_report *r);
void ctl_check_jobs(struct ctl_report *r);
void ctl_check_owners(struct ctl_report *r);
void ctl_check_clock(struct ctl_report *r);
void ctl_check_responders(struct ctl_report *r);
void ctl_check_nginx(struct ctl_report *r);
void ctl_check_files(struct ctl_report *r);
void ctl_check_disk(struct ctl_report *r);
#endif
