/* SPDX-License-Identifier: ISC
 *
 * countersignd's command line.
 */
#include "daemon.h"

#include "../lib/log.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE_STATUS 2

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "test", no_argument, NULL, 't' },
	{ "dump", no_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
    "usage: countersignd [-c FILE] [-t | -d]\n"
    "  -c, --config FILE  the configuration (" CONF_FILE ")\n"
    "  -t, --test         check configuration and key, then exit\n"
    "  -d, --dump         print the configuration in force, then exit\n"
    "  -h, --help         print this\n"
    "  -V, --version      print the version\n";

static int dump(const char *path)
{
	struct conf *conf;
	enum cs_err e = conf_load(path, &conf);

	if (e != CS_OK)
		return EXIT_FAILURE;
	e = conf_dump(conf, STDOUT_FILENO);
	if (e != CS_OK)
		cs_log(CS_LOG_ERR, "cannot print the configuration: %s", strerror(errno));
	conf_free(&conf);
	return e == CS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int test(const char *path)
{
	static const uint8_t no_generation[16];
	struct vault *vault = NULL;
	struct conf *conf;
	enum cs_err e = conf_load(path, &conf);

	if (e != CS_OK)
		return EXIT_FAILURE;
	e = vault_open(conf->master_key, no_generation, &vault);
	vault_close(&vault);
	conf_free(&conf);
	return e == CS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const char *path = NULL;
	int (*run)(const char *) = daemon_run;
	int c;

	cs_log_init("countersignd", CS_LOG_INFO);
	while ((c = getopt_long(argc, argv, "c:tdhV", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			path = optarg;
			break;
		case 't':
			run = test;
			break;
		case 'd':
			run = dump;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("countersignd " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case '?':
			fputs(usage, stderr);
			return USAGE_STATUS;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "countersignd: what is \"%s\"?\n%s", argv[optind], usage);
		return USAGE_STATUS;
	}
	return run(path != NULL ? path : conf_default_path());
}
