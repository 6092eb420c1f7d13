#ifndef WEIR_LINK_USAGE_H
#define WEIR_LINK_USAGE_H
#include <stdbool.h>

/* What the command line of a program says. */
struct weir_usage {
	const char *conf_path;         /* of --config, or NULL: the installed weir.conf */
	bool test;                     /* --test: check the settings and exit */
	bool once;                     /* --once, where the program has it */
};

/*
 * Reads the command line of a program.  text is what --help prints; has_once: --once is an option.
 * Gives -1 when the program is to run, else the status to exit with, --help, --version or a complaint having been printed.
 */
int weir_usage_read(int argc, char **argv, const char *program, const char *text, bool has_once, struct weir_usage *u);
#endif
