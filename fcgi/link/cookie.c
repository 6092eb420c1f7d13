#include "config.h"
#include "link/cookie.h"

#include <stdio.h>

static bool is_word(int c)
{
	return weir_is_alpha(c) || weir_is_digit(c) || c == '_';
}

/* Host of "https://host:port/path"; the whole text when there is no scheme. */
static weir_text host_of(weir_text url)
{
	const char *p = weir_text_find(url, WEIR_TEXT("://"));
	size_t n = 0;

	if (p)
		url = (weir_text){ p + 3, url.n - (size_t)(p + 3 - url.p) };
	while (n < url.n && !strchr(":/?#", url.p[n]))
		n++;
	return (weir_text){ url.p, n };
}

static bool is_ipv4(weir_text host)
{
	weir_text rest = host, label;
	int labels = 0;

	while (weir_text_next(&rest, '.', &label)) {
		if (!label.n || label.n > 3)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!weir_is_digit(label.p[i]))
				return false;
		labels++;
	}
	return labels == 4;
}

/* The last n labels, without the dot in front; the whole host when it has fewer. */
static weir_text last_labels(weir_text host, int n)
{
	size_t i = host.n;

	while (i > 0 && (host.p[i - 1] != '.' || --n > 0))
		i--;
	return (weir_text){ host.p + i, host.n - i };
}

/* "co.uk", "com.au" ...: one of these words before a country's two letters. */
static bool two_label_suffix(weir_text suffix, const char *more)
{
	static const char words[] = "com|co|ac|net|org|gov|edu|nhs|or|go";
	weir_text list = weir_text_of(words), rest = weir_text_of(more), item, first = suffix;

	while (weir_text_next(&rest, ',', &item))
		if (weir_text_eq_nocase(item, suffix))
			return true;
	if (suffix.n < 4 || suffix.p[suffix.n - 3] != '.' || !is_word(suffix.p[suffix.n - 1]) || !is_word(suffix.p[suffix.n - 2]))
		return false;
	first.n -= 3;
	while (weir_text_next(&list, '|', &item))
		if (weir_text_eq(item, first))
			return true;
	return false;
}

static void put_domain(struct weir_cookie_rule *rule, const char *dot, weir_text host)
{
	int n = snprintf(rule->domain, sizeof(rule->domain), "%s%.*s", dot, (int)host.n, host.p);

	if (n < 0 || (size_t)n >= sizeof(rule->domain)) /* no host name is that long */
		rule->domain[0] = '\0';
	for (char *p = rule->domain; *p; p++)
		*p = (char)weir_lower(*p);
}

void weir_cookie_rule_init(struct weir_cookie_rule *rule, const struct weir_conf *conf)
{
	weir_text url = weir_text_of(conf->api_dashboard_url), host = host_of(url);
	int labels = 1;

	*rule = (struct weir_cookie_rule){ .secure = weir_text_starts(url, "https://") };
	if (*conf->api_cookie_domain) {
		put_domain(rule, "", weir_text_of(conf->api_cookie_domain));
		rule->secure = true;
		return;
	}
	if (!host.n || weir_text_eq_nocase(host, WEIR_TEXT("localhost")) || is_ipv4(host) || host.p[0] == '[')
		return;
	for (size_t i = 0; i < host.n; i++)
		labels += host.p[i] == '.';
	if (labels >= 3 && two_label_suffix(last_labels(host, 2), conf->api_cookie_tlds))
		put_domain(rule, ".", last_labels(host, 3));
	else
		put_domain(rule, ".", labels > 2 ? last_labels(host, 2) : host);
}

void weir_cookie_set(struct weir_req *r, const struct weir_cookie_rule *rule, const char *name, weir_text value, int64_t max_age)
{
	weir_str line;

	weir_str_init(&line, 8192);
	weir_str_puts(&line, name);
	weir_str_putc(&line, '=');
	weir_str_component(&line, value);
	weir_str_addf(&line, "; Max-Age=%lld", (long long)max_age);
	if (*rule->domain) {
		weir_str_puts(&line, "; Domain=");
		weir_str_puts(&line, rule->domain);
	}
	weir_str_puts(&line, "; Path=/; HttpOnly");
	if (rule->secure)
		weir_str_puts(&line, "; Secure");
	weir_str_puts(&line, "; SameSite=Lax");
	if (weir_str_err(&line))
		r->head->err = weir_str_err(&line);
	else
		weir_req_header(r, "Set-Cookie", weir_str_view(&line));
	weir_str_free(&line);
}
