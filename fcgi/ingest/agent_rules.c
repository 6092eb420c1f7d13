#include "config.h"
#include "ingest/agent_rules.h"
#include "base/log.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind_id { KIND_browser, KIND_os, KIND_device, KIND_brand, KIND_family, KIND_phone, KIND_start, KIND_form, KIND_COUNT };
enum field { FIELD_name, FIELD_version, FIELD_vendor, FIELD_model, FIELD_type, FIELD_COUNT };
enum change { CHANGE_none, CHANGE_dots, CHANGE_spaces, CHANGE_undot, CHANGE_release, CHANGE_lower, CHANGE_trim, /* maps: */
	CHANGE_windows, CHANGE_oldsafari, CHANGE_opd, CHANGE_itel };

enum { FIELDS_MAX = 4, CAPTURES_MAX = 10, JIT_USES = 8, MATCH_LIMIT = 100000, GRAMS = 1024 };

struct rule {
	const char *need; /* texts, each ended by NUL, the list by an empty one */
	const char *pattern;
	struct {
		enum field field;
		enum change change;
		const char *value; /* NULL ends the list */
	} fields[FIELDS_MAX];
};

struct rename {
	enum kind_id kind;
	const char *from, *to, *pattern; /* pattern NULL: always */
};

struct mapping {
	enum change map;
	const char *value, *text;
};

#include "agent_rules_data.h" /* kinds[], renames[], mappings[], RULE_COUNT */

enum { RENAME_COUNT = sizeof(renames) / sizeof(renames[0]) };

struct compiled {
	pcre2_code *code;
	int uses;
	bool broken;
};

struct weir_agent_rules {
	struct compiled rule[RULE_COUNT], rename[RENAME_COUNT];
	struct compiled *of_kind[KIND_COUNT];
	pcre2_match_data *match;
	pcre2_match_context *context;
	int captures; /* of the last match, the whole one included */
};

/* A text to match: as it is, in lower case, and which pairs of characters it has. */
struct subject {
	weir_text text;
	char low[2 * WEIR_AGENT_MAX + 2];
	uint64_t grams[GRAMS / 64];
};

/* What a row's fields came to. */
struct parts {
	weir_text field[FIELD_COUNT];
};

struct weir_agent_rules *weir_agent_rules_new(void)
{
	struct weir_agent_rules *r = calloc(1, sizeof(*r));
	size_t at = 0;

	if (!r)
		return NULL;
	r->match = pcre2_match_data_create(CAPTURES_MAX, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (!r->match || !r->context) {
		weir_agent_rules_free(r);
		return NULL;
	}
	pcre2_set_match_limit(r->context, MATCH_LIMIT);
	for (int k = 0; k < KIND_COUNT; k++) {
		r->of_kind[k] = r->rule + at;
		at += kinds[k].count;
	}
	return r;
}

void weir_agent_rules_free(struct weir_agent_rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < RULE_COUNT; i++)
		pcre2_code_free(r->rule[i].code);
	for (size_t i = 0; i < RENAME_COUNT; i++)
		pcre2_code_free(r->rename[i].code);
	pcre2_match_data_free(r->match);
	pcre2_match_context_free(r->context);
	free(r);
}

static bool compile(struct compiled *c, const char *pattern)
{
	const void *text = pattern;
	PCRE2_SIZE offset;
	int error;

	if (!c->code && !c->broken) {
		c->code = pcre2_compile(text, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF,
					&error, &offset, NULL);
		c->broken = !c->code;
		if (c->broken)
			weir_log(LOG_ERR, "agent", "pattern=\"%s\" offset=%zu error=%d", pattern, (size_t)offset, error);
	}
	if (c->code && ++c->uses == JIT_USES)
		(void)pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE); /* without it matching is slower, not different */
	return c->code != NULL;
}

bool weir_agent_rules_check(struct weir_agent_rules *r)
{
	bool good = true;

	for (int k = 0; k < KIND_COUNT; k++)
		for (size_t i = 0; i < kinds[k].count; i++)
			good = compile(&r->of_kind[k][i], kinds[k].rules[i].pattern) && good;
	for (size_t i = 0; i < RENAME_COUNT; i++)
		good = (!renames[i].pattern || compile(&r->rename[i], renames[i].pattern)) && good;
	return good;
}

static bool matches(struct weir_agent_rules *r, struct compiled *c, const char *pattern, weir_text text)
{
	const void *subject = text.p;

	r->captures = compile(c, pattern) ? pcre2_match(c->code, subject, text.n, 0, 0, r->match, r->context) : 0;
	return r->captures > 0;
}

static unsigned gram(unsigned char a, unsigned char b)
{
	return (a * 37U + b) % GRAMS;
}

static void subject_init(struct subject *s, weir_text text)
{
	s->text = text;
	memset(s->grams, 0, sizeof(s->grams));
	for (size_t i = 0; i < text.n; i++)
		s->low[i] = (char)weir_lower(text.p[i]);
	for (size_t i = 0; i + 1 < text.n; i++) {
		unsigned g = gram((unsigned char)s->low[i], (unsigned char)s->low[i + 1]);

		s->grams[g / 64] |= UINT64_C(1) << g % 64;
	}
}

static bool has_text(const struct subject *s, const char *text, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		unsigned g = gram((unsigned char)text[i], (unsigned char)text[i + 1]);

		if (!(s->grams[g / 64] >> g % 64 & 1))
			return false;
	}
	return memmem(s->low, s->text.n, text, n) != NULL;
}

static bool may_match(const struct subject *s, const char *need)
{
	if (!*need)
		return true;
	for (size_t n; (n = strlen(need)); need += n + 1)
		if (has_text(s, need, n))
			return true;
	return false;
}

/* The row's value with its captures put in; {NULL, 0} when a capture that it names is empty. */
static weir_err expand(struct weir_agent_rules *r, weir_arena *a, weir_text subject, const char *value, weir_text *out)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->match);
	size_t n = 0;
	char *buf;

	*out = (weir_text){ NULL, 0 };
	if (!strchr(value, '$')) {
		*out = weir_text_of(value);
		return WEIR_OK;
	}
	if (!(buf = weir_alloc(a, strlen(value) + subject.n + 1)))
		return WEIR_ENOMEM;
	for (; *value; value++) {
		int group;

		if (*value != '$') {
			buf[n++] = *value;
			continue;
		}
		group = *++value - '0';
		if (group >= r->captures || at[2 * group] == PCRE2_UNSET || at[2 * group] == at[2 * group + 1])
			return WEIR_OK;
		memcpy(buf + n, subject.p + at[2 * group], at[2 * group + 1] - at[2 * group]);
		n += at[2 * group + 1] - at[2 * group];
	}
	*out = (weir_text){ buf, n };
	return WEIR_OK;
}

static bool contains_nocase(weir_text text, const char *needle)
{
	size_t n = strlen(needle);

	for (size_t i = 0; i + n <= text.n; i++)
		if (weir_text_eq_nocase((weir_text){ text.p + i, n }, weir_text_of(needle)))
			return true;
	return false;
}

static weir_text mapped(enum change map, weir_text text)
{
	for (size_t i = 0; i < sizeof(mappings) / sizeof(mappings[0]); i++)
		if (mappings[i].map == map && (!strcmp(mappings[i].text, "*") || contains_nocase(text, mappings[i].text)))
			return weir_text_of(mappings[i].value);
	return text;
}

static weir_err replaced(weir_arena *a, weir_text text, char from, char to, weir_text *out)
{
	char *buf = weir_strndup(a, text.p, text.n);

	if (!buf)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < text.n; i++)
		if (buf[i] == from)
			buf[i] = to;
	*out = (weir_text){ buf, text.n };
	return WEIR_OK;
}

/* Takes the first "master." or "lts." (any character for the point) out. */
static weir_err without_branch(weir_arena *a, weir_text text, weir_text *out)
{
	static const char *const names[] = { "master", "lts" };

	*out = text;
	for (size_t i = 0; i < text.n; i++) {
		weir_text rest = { text.p + i, text.n - i };

		for (size_t k = 0; k < 2; k++) {
			size_t n = strlen(names[k]) + 1;
			char *buf;

			if (rest.n < n || !weir_text_starts(rest, names[k]))
				continue;
			if (!(buf = weir_strndup(a, text.p, text.n)))
				return WEIR_ENOMEM;
			memmove(buf + i, buf + i + n, rest.n - n);
			*out = (weir_text){ buf, text.n - n };
			return WEIR_OK;
		}
	}
	return WEIR_OK;
}

static weir_err lowered(weir_arena *a, weir_text text, weir_text *out)
{
	char *buf = weir_strndup(a, text.p, text.n);

	if (!buf)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < text.n; i++)
		buf[i] = (char)weir_lower(buf[i]);
	*out = (weir_text){ buf, text.n };
	return WEIR_OK;
}

static weir_err changed(weir_arena *a, enum change change, weir_text text, weir_text *out)
{
	*out = text;
	switch (change) {
	case CHANGE_none:
		return WEIR_OK;
	case CHANGE_dots:
		return replaced(a, text, '_', '.', out);
	case CHANGE_spaces:
		return replaced(a, text, '_', ' ', out);
	case CHANGE_undot:
		return replaced(a, text, '.', ' ', out);
	case CHANGE_release:
		return without_branch(a, text, out);
	case CHANGE_lower:
		return lowered(a, text, out);
	case CHANGE_trim:
		while (out->n && weir_is_space(out->p[0]))
			*out = (weir_text){ out->p + 1, out->n - 1 };
		return WEIR_OK;
	case CHANGE_windows:
	case CHANGE_oldsafari:
	case CHANGE_opd:
	case CHANGE_itel:
		*out = mapped(change, text);
		return WEIR_OK;
	}
	return WEIR_OK;
}

/* The fields of the first row of a kind that matches; *found (may be NULL) tells. */
static weir_err apply(struct weir_agent_rules *r, weir_arena *a, enum kind_id kind, const struct subject *s, struct parts *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < kinds[kind].count; i++) {
		const struct rule *rule = &kinds[kind].rules[i];

		if (!may_match(s, rule->need) || !matches(r, &r->of_kind[kind][i], rule->pattern, s->text))
			continue;
		for (int k = 0; k < FIELDS_MAX && rule->fields[k].value; k++) {
			weir_text value;
			weir_err err = expand(r, a, s->text, rule->fields[k].value, &value);

			if (!err && value.n)
				err = changed(a, rule->fields[k].change, value, &value);
			if (err)
				return err;
			out->field[rule->fields[k].field] = value;
		}
		break;
	}
	return WEIR_OK;
}

static void rename_part(struct weir_agent_rules *r, enum kind_id kind, weir_text ua, weir_text *name)
{
	for (size_t i = 0; i < RENAME_COUNT; i++) {
		if (renames[i].kind != kind || !weir_text_is(*name, renames[i].from))
			continue;
		if (renames[i].pattern && !matches(r, &r->rename[i], renames[i].pattern, ua))
			continue;
		*name = weir_text_of(renames[i].to);
		return;
	}
}

/* Table row kinds that only say mobile or tablet. */
static weir_text form_by(struct weir_agent_rules *r, enum kind_id kind, const struct subject *s)
{
	for (size_t i = 0; i < kinds[kind].count; i++) {
		const struct rule *rule = &kinds[kind].rules[i];

		if (may_match(s, rule->need) && matches(r, &r->of_kind[kind][i], rule->pattern, s->text))
			return weir_text_of(rule->fields[0].value);
	}
	return (weir_text){ NULL, 0 };
}

static weir_text form_of(struct weir_agent_rules *r, const struct subject *ua, weir_text model)
{
	struct subject other;
	weir_text form = { NULL, 0 };

	if (model.n && model.n <= WEIR_AGENT_MAX) {
		subject_init(&other, model);
		form = form_by(r, KIND_family, &other);
	}
	if (!form.p)
		form = form_by(r, KIND_family, ua);
	if (!form.p)
		form = form_by(r, KIND_phone, ua);
	if (!form.p) {
		subject_init(&other, (weir_text){ ua->text.p, ua->text.n < 4 ? ua->text.n : 4 });
		form = form_by(r, KIND_start, &other);
	}
	if (!form.p)
		form = form_by(r, KIND_form, ua);
	return form.p ? form : WEIR_TEXT("desktop");
}

weir_text weir_agent_form(struct weir_agent_rules *r, weir_text ua, weir_text model)
{
	struct subject s;

	subject_init(&s, (weir_text){ ua.n ? ua.p : "", ua.n < WEIR_AGENT_MAX ? ua.n : WEIR_AGENT_MAX });
	return form_of(r, &s, model);
}

/* ---- fix-ups, spec/ingest.md 5.1 (a) to (d) ---- */

/* The place of word in text, ASCII letters without case; NULL when it is not there. */
static const char *find_word(weir_text text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.n; i++)
		if (weir_text_eq_nocase((weir_text){ text.p + i, n }, (weir_text){ word, n }))
			return text.p + i;
	return NULL;
}

/* What is behind the word at a place, spaces skipped: digits and the separator; empty when there are none. */
static weir_text number_behind(weir_text text, const char *at, size_t word, char separator)
{
	const char *end = text.p + text.n, *from = at + word, *to;

	while (from < end && *from == ' ')
		from++;
	for (to = from; to < end && (weir_is_digit(*to) || *to == separator);)
		to++;
	return (weir_text){ from, (size_t)(to - from) };
}

/* (a) "App/1 iPhone15,3 iOS 17.1": neither model nor system found. */
static bool fix_apple_app(weir_text ua, struct weir_agent *out)
{
	static const char *const words[] = { "iPhone", "iPad" };
	const char *ios = find_word(ua, "iOS");

	for (size_t i = 0; ios && i < 2; i++) {
		const char *at = find_word(ua, words[i]);
		weir_text version;

		if (!at || !number_behind(ua, at, strlen(words[i]), ',').n)
			continue;
		version = number_behind(ua, ios, 3, '.');
		if (!version.n)
			return false;
		out->model = (weir_text){ at, strlen(words[i]) };
		out->brand = WEIR_TEXT("Apple");
		out->os = (weir_text){ ios, 3 };
		out->os_version = version;
		return true;
	}
	return false;
}

/* (c) the value of "Model=" or "Manufacturer=", up to ; or ). */
static weir_text named_value(weir_text ua, const char *name)
{
	const char *at = find_word(ua, name), *end = ua.p + ua.n, *from, *to;

	if (!at)
		return (weir_text){ NULL, 0 };
	from = at + strlen(name);
	for (to = from; to < end && *to != ';' && *to != ')';)
		to++;
	return weir_text_trim((weir_text){ from, (size_t)(to - from) });
}

static weir_err brand_of(struct weir_agent_rules *r, weir_arena *a, weir_text ua, weir_text model, weir_text *brand)
{
	char buf[2 * WEIR_AGENT_MAX + 1];
	struct subject s;
	struct parts parts;
	weir_err err;

	if (model.n > WEIR_AGENT_MAX)
		model.n = WEIR_AGENT_MAX;
	memcpy(buf, ua.p, ua.n);
	buf[ua.n] = ' ';
	if (model.n)
		memcpy(buf + ua.n + 1, model.p, model.n);
	subject_init(&s, (weir_text){ buf, ua.n + 1 + model.n });
	err = apply(r, a, KIND_brand, &s, &parts);
	*brand = parts.field[FIELD_vendor];
	return err;
}

static weir_err fix_up(struct weir_agent_rules *r, weir_arena *a, weir_text ua, struct weir_agent *out)
{
	weir_text model, vendor;

	if (!out->model.n && !out->os.n && fix_apple_app(ua, out))
		return WEIR_OK;
	model = named_value(ua, "Model=");
	vendor = named_value(ua, "Manufacturer=");
	if (!out->model.n && model.n)
		out->model = model;
	if (!out->brand.n && vendor.n)
		out->brand = vendor;
	if (!out->brand.n && (out->model.n || out->os.n))
		return brand_of(r, a, ua, out->model, &out->brand);
	return WEIR_OK;
}

weir_err weir_agent_read(struct weir_agent_rules *r, weir_arena *a, weir_text ua, struct weir_agent *out)
{
	struct subject s;
	struct parts os, browser, device;
	weir_err err;

	subject_init(&s, ua);
	if ((err = apply(r, a, KIND_os, &s, &os)) || (err = apply(r, a, KIND_browser, &s, &browser)) ||
	    (err = apply(r, a, KIND_device, &s, &device)))
		return err;
	rename_part(r, KIND_os, ua, &os.field[FIELD_name]);
	rename_part(r, KIND_browser, ua, &browser.field[FIELD_name]);
	*out = (struct weir_agent){ .os = os.field[FIELD_name], .os_version = os.field[FIELD_version],
		.browser = browser.field[FIELD_name], .browser_version = browser.field[FIELD_version],
		.device = device.field[FIELD_type], .brand = device.field[FIELD_vendor], .model = device.field[FIELD_model] };
	if ((err = fix_up(r, a, ua, out)))
		return err;
	if (!out->device.n)
		out->device = form_of(r, &s, out->model);
	return WEIR_OK;
}
