#include "config.h"
#include "trpc/check.h"

#include "base/jsonr.h"
#include "ingest/format.h"

/* The formats of strings, and rules across members that the schemas name. */

static bool only(weir_text t, const char *others, bool capitals)
{
	for (size_t i = 0; i < t.n; i++) {
		int c = (unsigned char)t.p[i];
		bool letter = capitals ? weir_is_alpha(c) : c >= 'a' && c <= 'z';

		if (!letter && !weir_is_digit(c) && (!c || !strchr(others, c)))
			return false;
	}
	return true;
}

static bool is_formula(weir_text t)
{
	return only(t, "_ .,+-*/()%^", true);
}

static bool is_slug(weir_text t)
{
	return t.n && only(t, "_-", false);
}

static const struct {
	const char *name, *pattern, *message;
	bool (*fits)(weir_text t);
} formats[] = {
	[WEIR_FORMAT_email] = { "email",
		"/^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$/",
		"Invalid email address", weir_format_email },
	[WEIR_FORMAT_url] = { "url", NULL, "Invalid URL", NULL },
	[WEIR_FORMAT_formula] = { "regex", "/^[A-Za-z0-9_ .,+\\-*/()%^]*$/",
		"Formula may only contain series references, numbers and arithmetic operators", is_formula },
	[WEIR_FORMAT_slug] = { "regex", "/^[a-z0-9_-]+$/",
		"ID must only contain lowercase letters, digits, hyphens, or underscores", is_slug },
};

static bool fits(struct weir_check *c, enum weir_format format, json_object **value)
{
	weir_text t = weir_jsonr_text(*value), trimmed;
	json_object *node;
	bool valid = false;

	if (formats[format].fits)
		return formats[format].fits(t);
	c->err = weir_format_url(c->mem, t, &valid, &trimmed);
	if (c->err || !valid)
		return valid;
	node = json_object_new_string_len(trimmed.p, (int)trimmed.n);
	if (!node) {
		c->err = WEIR_ENOMEM;
		return true;
	}
	json_object_put(*value);
	*value = node;
	return true;
}

void weir_format_check(struct weir_check *c, enum weir_format format, json_object **value)
{
	json_object *issue;

	if (fits(c, format, value) || c->err)
		return;
	issue = weir_issue_new(c, NULL, NULL, true);
	if (formats[format].pattern)
		weir_issue_member(c, issue, "origin", json_object_new_string("string"));
	weir_issue_member(c, issue, "code", json_object_new_string("invalid_format"));
	weir_issue_member(c, issue, "format", json_object_new_string(formats[format].name));
	if (formats[format].pattern)
		weir_issue_member(c, issue, "pattern", json_object_new_string(formats[format].pattern));
	weir_issue_end(c, issue, weir_text_of(formats[format].message));
}

void weir_rule_passwords(struct weir_check *c, json_object *value)
{
	if (!weir_text_eq(weir_jsonr_get_text(value, "password"), weir_jsonr_get_text(value, "confirmPassword")))
		weir_check_custom(c, "confirmPassword", "Passwords do not match", false);
}

/* spec/trpc-metadata.md 4.3: an owner, a domain for websites, at least one type. */
void weir_rule_onboarding(struct weir_check *c, json_object *value)
{
	static const char *const types[] = { "app", "backend", "website" };
	bool some = false;

	if (!weir_jsonr_get_text(value, "organization").n && !weir_jsonr_get_text(value, "organizationId").n) {
		weir_check_custom(c, "organization", "Organization is required", true);
		weir_check_custom(c, "organizationId", "Organization is required", true);
	}
	if (weir_jsonr_truthy(weir_jsonr_get(value, "website")) && !weir_jsonr_get_text(value, "domain").n)
		weir_check_custom(c, "domain", "Domain is required for website tracking", true);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		some = some || weir_jsonr_truthy(weir_jsonr_get(value, types[i]));
	for (size_t i = 0; !some && i < sizeof(types) / sizeof(*types); i++)
		weir_check_custom(c, types[i], "At least one type must be selected", true);
}

/* Six digits once white space is gone. */
void weir_rule_totp_code(struct weir_check *c, json_object *value)
{
	weir_text code = weir_jsonr_get_text(value, "code");
	size_t digits = 0, others = 0;

	for (size_t i = 0; i < code.n; i++)
		if (weir_is_digit(code.p[i]))
			digits++;
		else if (!weir_is_space(code.p[i]))
			others++;
	if (digits != 6 || others)
		weir_check_custom(c, "code", "Enter a 6-digit code", false);
}

/* spec/ingest.md 9.3: the steps of a funnel; one alone is no list. */
void weir_rule_steps(struct weir_check *c, json_object *value)
{
	enum { LEAST = 2, MOST = 10 };
	json_object *steps = weir_jsonr_get(value, "steps");
	size_t n = json_object_is_type(steps, json_type_array) ? weir_jsonr_count(steps) : 1;

	if (n < LEAST || n > MOST)
		weir_check_custom(c, "steps", "steps must have between 2 and 10 items", false);
}
