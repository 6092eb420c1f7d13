#include "config.h"
#include "link/usage.h"

#include <getopt.h>
#include <stdio.h>

int weir_usage_read(int argc, char **argv, const char *program, const char *text, bool has_once, struct weir_usage *u)
{
	const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "test", no_argument, NULL, 't' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' }, { has_once ? "once" : NULL, no_argument, NULL, 'o' }, { NULL, 0, NULL, 0 },
	};
	int c;

	*u = (struct weir_usage){ .conf_path = NULL };
	while ((c = getopt_long(argc, argv, "c:t", options, NULL)) != -1)
		switch (c) {
		case 'c':
			u->conf_path = optarg;
			break;
		case 't':
			u->test = true;
			break;
		case 'o':
			u->once = true;
			break;
		case 'h':
			fputs(text, stdout);
			return 0;
		case 'v':
			printf("%s %s\n", program, PACKAGE_VERSION);
			return 0;
		default:
			fputs(text, stderr);
			return 2;
		}
	if (optind == argc)
		return -1;
	fputs(text, stderr);
	return 2;
}
