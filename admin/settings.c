/* weirctl settings: what is in force, the sample file, the manual's list. */
#include "config.h"
#include "ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The printed list as a JSON object of texts: "key = value" lines. */
static int as_json(struct ctl *ctl, char *lines)
{
	weir_text rest = weir_text_of(lines), line;

	weir_json_obj(&ctl->out, NULL);
	while (weir_text_next(&rest, '\n', &line)) {
		const char *equals = weir_text_find(line, WEIR_TEXT("="));
		weir_text value;

		if (!equals)
			continue;
		value = (weir_text){ equals + 1, line.n - (size_t)(equals + 1 - line.p) };
		weir_json_key(&ctl->out, weir_text_trim((weir_text){ line.p, (size_t)(equals - line.p) }));
		weir_json_str(&ctl->out, NULL, weir_text_trim(value));
	}
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

int ctl_settings(struct ctl *ctl)
{
	bool sample = ctl_option(ctl, "sample"), manual = ctl_option(ctl, "manual");
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	int status;

	if (!f)
		return ctl_failed("the settings cannot be printed", WEIR_ENOMEM, NULL);
	if (sample)
		weir_conf_sample(f);
	else if (manual)
		weir_conf_manual(f);
	else
		weir_conf_print(&ctl->conf, f);
	if (fclose(f))
		status = ctl_failed("the settings cannot be printed", WEIR_ENOMEM, NULL);
	else
		status = ctl->json && !sample && !manual ? as_json(ctl, text) : ctl_answer_text(ctl, (weir_text){ text, n });
	free(text);
	return status;
}
