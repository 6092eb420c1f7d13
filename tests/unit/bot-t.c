/* Robots: against the tables row by row, people's own browsers, and the verdict from the cache. */
#include "config.h"
#include "ingest/bot.h"
#include "tap.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

enum { ROWS_MAX = 4000, LINE = 1024, OUT_MAX = 200 };

struct row {
	char pattern[LINE];
	const char *name, *type;
	pcre2_code *code;
};

static struct row rows[ROWS_MAX], late[ROWS_MAX];
static size_t count, lates;
static char *out[OUT_MAX];
static size_t outs;

static bool is_out(const char *pattern)
{
	for (size_t i = 0; i < outs; i++)
		if (!strcmp(out[i], pattern))
			return true;
	return false;
}

static bool put(struct row *r, const char *pattern, char **rest)
{
	const void *text = r->pattern;
	PCRE2_SIZE offset;
	int error;

	if (strlen(pattern) >= LINE)
		return false;
	memcpy(r->pattern, pattern, strlen(pattern) + 1);
	r->name = strdup(strsep(rest, "\t"));
	r->type = strdup(strsep(rest, "\n"));
	r->code = pcre2_compile(text, PCRE2_ZERO_TERMINATED, PCRE2_DOLLAR_ENDONLY, &error, &offset, NULL);
	return r->code && r->name && r->type;
}

static bool read_table(const char *name, bool own)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], line[LINE];
	bool good = true;
	FILE *in;

	snprintf(path, sizeof(path), "%s/data/%s", srcdir ? srcdir : ".", name);
	if (!(in = fopen(path, "re")))
		return false;
	while (good && fgets(line, sizeof(line), in)) {
		char *rest = line, *place = own ? strsep(&rest, "\t") : NULL, *pattern;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		pattern = strsep(&rest, "\t");
		if (own && !strcmp(place, "out")) {
			pattern[strcspn(pattern, "\n")] = '\0';
			good = outs < OUT_MAX && (out[outs++] = strdup(pattern));
		} else if (own && !strcmp(place, "last")) {
			good = lates < ROWS_MAX && put(&late[lates++], pattern, &rest);
		} else if (own || !is_out(pattern)) {
			good = count < ROWS_MAX && put(&rows[count++], pattern, &rest);
		}
	}
	fclose(in);
	return good;
}

static bool row_matches(const struct row *r, const char *ua)
{
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	const void *subject = ua;
	int found = match ? pcre2_match(r->code, subject, strlen(ua), 0, 0, match, NULL) : -1;

	pcre2_match_data_free(match);
	return found >= 0;
}

/* The first row that matches, each tried on its own. */
static const struct row *first_of(const char *ua)
{
	for (size_t i = 0; i < count; i++)
		if (row_matches(&rows[i], ua))
			return &rows[i];
	for (size_t i = 0; i < lates; i++)
		if (row_matches(&late[i], ua))
			return &late[i];
	return NULL;
}

static bool same(const struct row *want, const struct weir_bot *got, const char *ua)
{
	bool good = !want == !got && (!want || (!strcmp(want->name, got->name) && !strcmp(want->type, got->type)));

	if (!good)
		printf("# %s: got %s, want %s\n", ua, got ? got->name : "none", want ? want->name : "none");
	return good;
}

/* The pattern of a row as a user agent: text without what makes it a pattern. */
static void user_agent_of(const struct row *r, const char *before, const char *after, char *ua, size_t size)
{
	size_t n = (size_t)snprintf(ua, size, "%s", before);

	for (const char *p = r->pattern; *p && n + 1 < size; p++)
		if (*p != '\\' && *p != '^' && *p != '$')
			ua[n++] = *p;
	snprintf(ua + n, size - n, "%s", after);
}

static void every_row(weir_bots *bots)
{
	static const char *const around[][2] = {
		{ "", "" }, { "Mozilla/5.0 (compatible; ", "/1.0)" }, { "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; ", ") Chrome/120.0 Safari/537.36" },
	};
	size_t checked = 0, plain = 0;
	bool good = true;

	for (size_t k = 0; k < sizeof(around) / sizeof(around[0]); k++) {
		for (size_t i = 0; i < count; i++) {
			char ua[2 * LINE];
			const struct row *want;

			user_agent_of(&rows[i], around[k][0], around[k][1], ua, sizeof(ua));
			want = first_of(ua);
			good = same(want, weir_bot_of(bots, weir_text_of(ua), 1), ua) && good;
			checked++;
			plain += want == &rows[i];
		}
	}
	ok(good, "the first row that matches wins, as when each is tried on its own");
	ok(count > 1000 && checked == 3 * count && plain > 2 * count, "most rows were met by a user agent of their own");
}

/* In-app browsers, phones with "bot" in their name, apps made of a browser, libraries. */
static const char *const people[] = {
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/455.0.0.38.113;FBBV/577309493;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.4;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5]",
	"Mozilla/5.0 (Linux; Android 15; moto g Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.58 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/485.0.0.70.77;]",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22A3354 MetaIAB Facebook",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F79 Instagram 334.0.4.32.98 (iPhone13,2; iOS 17_5; en_US; en; scale=3.00; 1170x2532; 607520061)",
	"Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0 Mobile Safari/537.36 musical_ly_2023405030 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly ByteLocale/en",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21D50 Snapchat/12.70.0.44 (like Safari/8617.2.4.10.7, panda)",
	"Mozilla/5.0 (Linux; Android 12; LIO-AN00; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0 Mobile Safari/537.36 MMWEBID/2247 MicroMessenger/8.0.37.2380(0x2800255B) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64",
	"Mozilla/5.0 (Linux; Android 14; SM-S918N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/123.0 Mobile Safari/537.36;KAKAOTALK 2410690",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/13.18.0",
	"Mozilla/5.0 (Linux; Android 11; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Notion/3.5.0 Chrome/122.0.6261.156 Electron/29.3.1 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.89.1 Chrome/122.0.6261.156 Electron/29.4.0 Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.38.121 Chrome/124.0 Electron/30.0 Safari/537.36 Slack_SSB/4.38.121",
	"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/58.0.3029.110 Safari/537.36 SE 2.X MetaSr 1.0",
	"Mozilla/5.0 (Linux; U; Android 10; zh-cn; MI 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/78.0 Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.29.10",
	"Mozilla/5.0 (Linux; Android 7.1.2; AFTMM) AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4.6 like Chrome/108.0.5359.220 Safari/537.36",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/117.0.222 Chrome/111.0.5563.222 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/311.0.621 Mobile/15E148 Safari/604.1",
	"Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)", "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10.289 Version/12.01",
	"MyApp/3.2 CFNetwork/1494.0.7 Darwin/23.4.0", "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A.230805.001)", "okhttp/4.12.0", "Dart/3.3 (dart:io)",
	"python-requests/2.31.0", "Go-http-client/1.1", "curl/8.4.0", "GuzzleHttp/7", "Ruby", "undici", "node", "axios/1.7.2", "PostmanRuntime/7.39.0", "unknown/1.0",
};

static const char *const robots[][3] = {
	{ "SomeBot", "Generic Bot", "Unknown" }, { "my_bot_2", "Generic Bot", "Unknown" }, { "ROBOT", "Generic Bot", "Unknown" },
	{ "Mozilla/5.0 (compatible; Nobody/0.1; +https://nobody.example)", "Generic Bot", "Unknown" },
	{ "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	  "Googlebot", "Search bot" },
	{ "Googlebot-Image/1.0", "Googlebot Image", "Search bot" },
	{ "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ClaudeBot", "AI Data Scraper" },
	{ "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot", "ChatGPT-User", "AI Assistant" },
	{ "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "UptimeRobot", "Site Monitor" },
	{ "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)", "Sogou Spider", "Search bot" },
	{ "Scrapy/2.11.1 (+https://scrapy.org)", "Scrapy", "Crawler" },
};

static void known_ones(weir_bots *bots)
{
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
		ok(!weir_bot_of(bots, weir_text_of(people[i]), 1), people[i]);
	for (size_t i = 0; i < sizeof(robots) / sizeof(robots[0]); i++) {
		const struct weir_bot *bot = weir_bot_of(bots, weir_text_of(robots[i][0]), 1);

		ok(bot && !strcmp(bot->name, robots[i][1]) && !strcmp(bot->type, robots[i][2]), robots[i][0]);
	}
}

/* The first ones are matched without the JIT compiler, all but the last come from the cache. */
static void again(void)
{
	weir_bots *bots = weir_bots_new(4);
	bool good = bots != NULL;

	for (int round = 0; good && round < 30; round++) {
		good = good && weir_bot_of(bots, WEIR_TEXT("bingbot/2.0"), round) == weir_bot_of(bots, WEIR_TEXT("bingbot/2.0"), round);
		good = good && !weir_bot_of(bots, weir_text_of(people[round % 20]), round) && !weir_bot_of(bots, weir_text_of(people[round % 20]), round);
		good = good && weir_bot_of(bots, WEIR_TEXT("some-crawler/1.0"), round) && !weir_bot_of(bots, WEIR_TEXT(""), round);
	}
	ok(good, "the same verdict from rules, machine code and cache");
	weir_bots_free(bots);
}

static void long_ones(weir_bots *bots)
{
	static char ua[1 << 16];

	memset(ua, 'x', sizeof(ua));
	memcpy(ua + WEIR_BOT_MAX - 7, "bingbot", 7);
	ok(weir_bot_of(bots, (weir_text){ ua, sizeof(ua) }, 1), "a word at the end of what is looked at");
	memset(ua, 'x', sizeof(ua));
	memcpy(ua + WEIR_BOT_MAX - 6, "bingbot", 7);
	ok(!weir_bot_of(bots, (weir_text){ ua, sizeof(ua) }, 1), "a word that is cut is none");
	for (size_t i = 0; i + 8 <= sizeof(ua); i += 8)
		memcpy(ua + i, "Spider s", 8);
	ok(weir_bot_of(bots, (weir_text){ ua, sizeof(ua) }, 1), "much to try again and again");
}

int main(void)
{
	weir_bots *bots = weir_bots_new(0);

	if (!bots)
		return 1;
	ok(weir_bots_check(bots), "every pattern compiles, for the machine too");
	ok(read_table("bots-own.tsv", true) && read_table("bots.tsv", false), "the tables are read");
	every_row(bots);
	known_ones(bots);
	again();
	long_ones(bots);
	weir_bots_free(bots);
	for (size_t i = 0; i < count; i++)
		pcre2_code_free(rows[i].code);
	for (size_t i = 0; i < lates; i++)
		pcre2_code_free(late[i].code);
	return tap_done();
}
