/* SPDX-License-Identifier: ISC
 *
 * What the disk itself gives: groups of records written over an existing file,
 * which is the cheapest durable write there is, each followed by fdatasync.
 *
 *	disk FILE GROUP SECONDS
 */
#include "swarm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD 512		/* bytes, about an event, a code's record and a memo */
#define FILE_SIZE (32 << 20)
#define WRITES 1000000		/* most */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Written once, so that what is measured allocates no block. */
static int open_file(const char *path)
{
	static char block[1 << 20];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1)
		die(path);
	if (lseek(fd, 0, SEEK_END) < FILE_SIZE) {
		memset(block, 'x', sizeof(block));
		for (off_t at = 0; at < FILE_SIZE; at += (off_t)sizeof(block))
			if (pwrite(fd, block, sizeof(block), at) != sizeof(block))
				die(path);
		if (fsync(fd) == -1)
			die(path);
	}
	return fd;
}

int main(int argc, char **argv)
{
	static char group[256 * RECORD];
	static double usec[WRITES], sync[WRITES];
	double began, seconds;
	size_t n = 0, len;
	off_t at = 0;
	int fd;

	if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[2]) > 256) {
		fputs("usage: disk FILE GROUP SECONDS\n", stderr);
		return 2;
	}
	fd = open_file(argv[1]);
	len = (size_t)atoi(argv[2]) * RECORD;
	seconds = atof(argv[3]);
	began = read_seconds();
	while (n < WRITES && read_seconds() - began < seconds) {
		double start = read_seconds(), written;

		memset(group, (int)(n & 0xff), len);
		if (at + (off_t)len > FILE_SIZE)
			at = 0;
		if (pwrite(fd, group, len, at) != (ssize_t)len)
			die(argv[1]);
		written = read_seconds();
		if (fdatasync(fd) == -1)
			die(argv[1]);
		at += (off_t)len;
		sync[n] = (read_seconds() - written) * 1e6;
		usec[n++] = (read_seconds() - start) * 1e6;
	}
	seconds = read_seconds() - began;
	qsort(usec, n, sizeof(double), compare);
	qsort(sync, n, sizeof(double), compare);
	printf("{\"done\": %zu, \"unexpected\": 0, \"seconds\": %.6f, \"rate\": %.1f, "
	    "\"p50\": %.1f, \"p99\": %.1f, \"sync_p50\": %.1f, \"sync_p99\": %.1f}\n",
	    n, seconds, (double)n * (double)(len / RECORD) / seconds, usec[n / 2],
	    usec[n - 1 - n / 100], sync[n / 2], sync[n - 1 - n / 100]);
	return 0;
}
