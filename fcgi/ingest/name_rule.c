/* The event name blocklist of spec/ingest.md 1.1. */
#include "config.h"
#include "ingest/name_rule.h"
#include "base/utf8.h"

enum { NAME_UNITS_MAX = 80, NAME_BYTES_MAX = 4 * NAME_UNITS_MAX };

bool weir_name_is_reserved(weir_text name)
{
	return weir_text_is(name, "session_start") || weir_text_is(name, "session_end");
}

/* Compared with the lower-cased name. */
static const char *const marks[] = {
	/* scanners */
	"oastify.com", "burpcollaborator", "interact.sh", "oast.me",
	/* SQL */
	"pg_sleep", "waitfor delay", "xp_dirtree", "load_file(", "extractvalue(", "dbms_pipe.receive_message", "union select",
	"exec master.dbo", "declare @", "' and '", "' or '", "') or ", "')and ",
	/* commands and code */
	"nslookup ", "/bin/sleep", "/bin/bash", "cmd.exe", "wget+http", "wget http", "chmod+777", "chmod 777", "processbuilder",
	"runtime.getruntime", "java.lang.processbuilder", "eval-stdin.php",
	/* files */
	"../", "..\\", "%2e%2e", "%u002e%u002e", "/etc/passwd", "/etc/shadow", "win.ini", "system.ini", "phpinfo.php",
	"wp-config.php", ".git/config", ".env.backup", ".env.bak", "/vendor/phpunit/",
	/* templates, XML */
	"${", "%{", "<!doctype", "<!entity", "<xi:include", "xsi:schemalocation",
	/* bots, Ruby objects */
	"mozi.m", "/setup.cgi?", "/cgi-bin/", "#<article:0x", "#<video:0x", "#<brand:0x",
};

/* Without a digit in the base name: "/foo.php", "/my-file.sql2", but not "/a1.json" nor "/api/x.json". */
static bool is_file_scan(weir_text low)
{
	static const char *const extensions[] = { "php", "env", "yml", "yaml", "json", "xml", "config", "ini", "bak", "sql", "log" };
	size_t i = 1;

	while (i < low.n && (weir_is_alpha(low.p[i]) || low.p[i] == '_' || low.p[i] == '-'))
		i++;
	if (i == 1 || i == low.n || low.p[i] != '.')
		return false;
	for (size_t k = 0; k < sizeof(extensions) / sizeof(extensions[0]); k++)
		if (weir_text_starts((weir_text){ low.p + i + 1, low.n - i - 1 }, extensions[k]))
			return true;
	return false;
}

static bool is_path_scan(weir_text low)
{
	if (!low.n || low.p[0] != '/')
		return false;
	return is_file_scan(low) || (low.n >= 3 && low.p[1] == '.' && weir_is_alpha(low.p[2])) || weir_text_starts(low, "/wp-") ||
	       weir_text_starts(low, "/wordpress") || weir_text_starts(low, "/phpmyadmin") || (low.n > 5 && weir_text_ends(low, ".php"));
}

/* Whether every character of the mark occurs at all; hardly any name has them. */
static bool possible(const char *mark, const bool seen[256])
{
	while (*mark && seen[(unsigned char)*mark])
		mark++;
	return !*mark;
}

bool weir_name_is_blocked(weir_text name)
{
	bool seen[256] = { false };
	char buf[NAME_BYTES_MAX];
	weir_text low = { buf, name.n };

	if (name.n > sizeof(buf) || weir_utf16_units(name) > NAME_UNITS_MAX)
		return true;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '\n' || name.p[i] == '\r')
			return true;
		buf[i] = (char)weir_lower(name.p[i]);
		seen[(unsigned char)buf[i]] = true;
	}
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (possible(marks[i], seen) && weir_text_find(low, weir_text_of(marks[i])))
			return true;
	return is_path_scan(low);
}
