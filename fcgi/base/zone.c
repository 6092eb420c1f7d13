#include "config.h"
#include "base/zone.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FILE_BYTES_MAX = 64 * 1024,
	NAME_MAX_LEN = 64,
	HEAD_LEN = 44,
	TYPE_LEN = 6,
	DAY_S = 86400
};

/* "M3.5.0/2": a day of every year and the second of the local day. */
struct change {
	char kind;             /* M month.week.day, J day without February 29, 0 day of the year */
	int month, week, day;
	int32_t at;
};

struct rule {
	bool some, has_dst;
	int32_t std, dst;      /* seconds east of UTC */
	struct change start, end;
};

struct weir_zone {
	const uint8_t *times;  /* big-endian int64 */
	const uint8_t *index;
	const uint8_t *types;
	size_t count, type_count;
	struct rule rule;
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const uint8_t *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* ------------------------------------------------------------ the rule at the end of a file */

static int number(const char **p)
{
	int v = 0;

	while (weir_is_digit(**p) && v < 100000)
		v = v * 10 + (*(*p)++ - '0');
	return v;
}

/* [+-]hh[:mm[:ss]] */
static int32_t clock_time(const char **p)
{
	int sign = **p == '-' ? -1 : 1;
	int32_t v;

	if (**p == '-' || **p == '+')
		(*p)++;
	v = number(p) * 3600;
	if (**p == ':') {
		(*p)++;
		v += number(p) * 60;
	}
	if (**p == ':') {
		(*p)++;
		v += number(p);
	}
	return sign * v;
}

static bool skip_name(const char **p)
{
	const char *from = *p;

	if (**p == '<') {
		while (**p && **p != '>')
			(*p)++;
		if (**p)
			(*p)++;
		return true;
	}
	while (weir_is_alpha(**p))
		(*p)++;
	return *p > from;
}

static bool change(const char **p, struct change *c)
{
	if (*(*p)++ != ',')
		return false;
	*c = (struct change){ .kind = '0', .at = 2 * 3600 };
	if (**p == 'M') {
		(*p)++;
		c->kind = 'M';
		c->month = number(p);
		if (*(*p)++ != '.')
			return false;
		c->week = number(p);
		if (*(*p)++ != '.')
			return false;
	} else if (**p == 'J') {
		(*p)++;
		c->kind = 'J';
	}
	c->day = number(p);
	if (**p == '/') {
		(*p)++;
		c->at = clock_time(p);
	}
	return c->kind != 'M' || (c->month >= 1 && c->month <= 12 && c->week >= 1 && c->week <= 5 && c->day <= 6);
}

static void parse_rule(const char *p, struct rule *r)
{
	*r = (struct rule){ .some = false };
	if (!skip_name(&p))
		return;
	r->std = -clock_time(&p);
	r->some = true;
	if (!*p || !skip_name(&p))
		return;
	r->dst = *p == ',' ? r->std + 3600 : -clock_time(&p);
	r->has_dst = change(&p, &r->start) && change(&p, &r->end);
}

/* Days since 1970 of a civil date. */
static int64_t days_of(int64_t year, int month, int day)
{
	struct weir_civil c = { .year = year, .month = month, .day = day };

	return weir_civil_ms(&c) / 1000 / DAY_S;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100) || year % 400 == 0;
}

/* Local second (since 1970, as if local were UTC) at which the change of that year happens. */
static int64_t moment(const struct change *c, int64_t year)
{
	int64_t first, day;

	if (c->kind == 'M') {
		first = days_of(year, c->month, 1);
		day = first + (c->day - ((first + 4) % 7 + 7) % 7 + 7) % 7 + (c->week - 1) * 7;
		while (day >= days_of(c->month == 12 ? year + 1 : year, c->month % 12 + 1, 1))
			day -= 7;
	} else if (c->kind == 'J') {
		day = days_of(year, 1, 1) + c->day - 1 + (c->day >= 60 && is_leap(year));
	} else {
		day = days_of(year, 1, 1) + c->day;
	}
	return day * DAY_S + c->at;
}

static int32_t by_rule(const struct rule *r, int64_t utc_s)
{
	int64_t year, start, end;
	bool summer;

	if (!r->has_dst)
		return r->std;
	year = weir_civil_of((utc_s + r->std) * 1000).year;
	start = moment(&r->start, year) - r->std;
	end = moment(&r->end, year) - r->dst;
	summer = start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
	return summer ? r->dst : r->std;
}

/* ------------------------------------------------------------ the file */

/* Length of the block whose header is at p, with times of size bytes; 0 when it does not fit. */
static size_t block_len(const uint8_t *p, size_t left, size_t size)
{
	size_t times, types, chars, leaps, std, utc, len;

	if (left < HEAD_LEN || memcmp(p, "TZif", 4))
		return 0;
	utc = be32(p + 20);
	std = be32(p + 24);
	leaps = be32(p + 28);
	times = be32(p + 32);
	types = be32(p + 36);
	chars = be32(p + 40);
	if (times > FILE_BYTES_MAX || types > FILE_BYTES_MAX || chars > FILE_BYTES_MAX || leaps > FILE_BYTES_MAX || std > FILE_BYTES_MAX
		|| utc > FILE_BYTES_MAX || !types)
		return 0;
	len = HEAD_LEN + times * (size + 1) + types * TYPE_LEN + chars + leaps * (size + 4) + std + utc;
	return len <= left ? len : 0;
}

static bool parse(weir_arena *mem, const uint8_t *p, size_t n, struct weir_zone *z)
{
	size_t first = block_len(p, n, 4), second;
	const uint8_t *b = p + first, *end;
	char *rule;

	if (!first || p[4] < '2')
		return false;
	second = block_len(b, n - first, 8);
	if (!second)
		return false;
	z->count = be32(b + 32);
	z->type_count = be32(b + 36);
	z->times = b + HEAD_LEN;
	z->index = z->times + z->count * 8;
	z->types = z->index + z->count;
	b += second;
	if (b >= p + n || *b != '\n')
		return true;
	end = memchr(b + 1, '\n', (size_t)(p + n - b - 1));
	rule = end ? weir_strndup(mem, (const char *)b + 1, (size_t)(end - b - 1)) : NULL;
	if (rule)
		parse_rule(rule, &z->rule);
	return true;
}

/* A name is words of letters, digits, _ + - between slashes: never a way out of the directory. */
static bool is_name(weir_text name)
{
	if (!name.n || name.n > NAME_MAX_LEN || name.p[0] == '/')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!weir_is_alpha(name.p[i]) && !weir_is_digit(name.p[i]) && !(name.p[i] && strchr("_+-/", name.p[i])))
			return false;
	return true;
}

/*
 * The files that were read last, since one request asks for the same zone
 * again and again; read anew after a minute, for zones change by law.
 */
enum { KEPT = 8, KEPT_MS = 60 * 1000 };
static struct kept {
	char name[NAME_MAX_LEN + 1];
	uint8_t *bytes;
	size_t n;
	int64_t read_ms;
} kept[KEPT];

/* The place of the name, or the one that was read longest ago. */
static struct kept *place_of(weir_text name)
{
	struct kept *oldest = &kept[0];

	for (size_t i = 0; i < KEPT; i++) {
		if (weir_text_is(name, kept[i].name))
			return &kept[i];
		if (kept[i].read_ms < oldest->read_ms)
			oldest = &kept[i];
	}
	return oldest;
}

static weir_err read_file(struct kept *k, weir_text name)
{
	static const char folder[] = "/usr/share/zoneinfo/";
	char path[sizeof(folder) + NAME_MAX_LEN + 1] = { 0 };
	uint8_t buf[FILE_BYTES_MAX];
	size_t n = 0;
	ssize_t got;
	int fd;

	memcpy(path, folder, sizeof(folder) - 1);
	memcpy(path + sizeof(folder) - 1, name.p, name.n);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return WEIR_ENOTFOUND;
	while (n < sizeof(buf) && (got = read(fd, buf + n, sizeof(buf) - n)) > 0)
		n += (size_t)got;
	close(fd);
	free(k->bytes);
	*k = (struct kept){ .bytes = malloc(n + 1), .n = n, .read_ms = weir_monotonic_ms() };
	if (!k->bytes)
		return WEIR_ENOMEM;
	memcpy(k->bytes, buf, n);
	memcpy(k->name, name.p, name.n);
	return WEIR_OK;
}

/* The file's bytes in the arena. */
static weir_err file_of(weir_arena *mem, weir_text name, weir_text *out)
{
	struct kept *k = place_of(name);
	weir_err err = WEIR_OK;

	if (!k->bytes || !weir_text_is(name, k->name) || weir_monotonic_ms() - k->read_ms >= KEPT_MS)
		err = read_file(k, name);
	if (err)
		return err;
	*out = weir_text_dup(mem, (weir_text){ (const char *)k->bytes, k->n });
	return out->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_zone_load(weir_arena *mem, weir_text name, const struct weir_zone **zone)
{
	struct weir_zone *z = weir_alloc_n(mem, 1, sizeof(*z));
	weir_text file;
	weir_err err;

	if (!z)
		return WEIR_ENOMEM;
	*zone = z;
	if (weir_text_is(name, "UTC"))
		return WEIR_OK;
	if (!is_name(name))
		return WEIR_ENOTFOUND;
	err = file_of(mem, name, &file);
	if (!err && !parse(mem, (const uint8_t *)file.p, file.n, z))
		err = WEIR_ENOTFOUND;
	return err;
}

static int32_t type_offset(const struct weir_zone *z, size_t type)
{
	return type < z->type_count ? (int32_t)be32(z->types + type * TYPE_LEN) : 0;
}

int32_t weir_zone_offset(const struct weir_zone *z, int64_t utc_ms)
{
	int64_t utc_s = utc_ms >= 0 ? utc_ms / 1000 : -((999 - utc_ms) / 1000);
	size_t low = 0, high = z->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (be64(z->times + mid * 8) <= utc_s)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == z->count && z->rule.some)
		return by_rule(&z->rule, utc_s);
	return z->type_count ? type_offset(z, low ? z->index[low - 1] : 0) : 0;
}
