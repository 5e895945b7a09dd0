/* SPDX-License-Identifier: ISC
 *
 * countersign-panel's command line.
 */
#include "panel.h"

#include "../lib/log.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_CONF "/etc/countersign/countersign-panel.conf"
#define USAGE_STATUS 2

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "test", no_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
    "usage: countersign-panel [-c FILE] [-t]\n"
    "  -c, --config FILE  the configuration (" DEFAULT_CONF ")\n"
    "  -t, --test         check the configuration, then exit\n"
    "  -h, --help         print this\n"
    "  -V, --version      print the version\n";

/* Without a file every option has its default. */
static const char *default_path(void)
{
	return access(DEFAULT_CONF, F_OK) == -1 && errno == ENOENT ? NULL : DEFAULT_CONF;
}

static int test(const char *path)
{
	struct conf *conf;

	if (conf_load(path, &conf) != CS_OK)
		return EXIT_FAILURE;
	conf_free(&conf);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *path = NULL;
	int (*run)(const char *) = panel_run;
	int c;

	cs_log_init("countersign-panel", CS_LOG_INFO);
	while ((c = getopt_long(argc, argv, "c:thV", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			path = optarg;
			break;
		case 't':
			run = test;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("countersign-panel " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case '?':
			fputs(usage, stderr);
			return USAGE_STATUS;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "countersign-panel: what is \"%s\"?\n%s", argv[optind], usage);
		return USAGE_STATUS;
	}
	return run(path != NULL ? path : default_path());
}
