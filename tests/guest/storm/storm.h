/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files of this program. */
#ifndef STORM_H
#define STORM_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <unistd.h>

/* Later ones are not read. */
#define COMPLAINTS 20

/* The memory that all processes share. */
struct figures {
	atomic_bool over, reloading;
	/* How much is wrong. */
	atomic_ulong wrong;
	/* The calls of the workers, and of the threads that race with them. */
	atomic_ulong steps, failed_steps, without_memory, children;
	atomic_ulong touches, refused_touches, faults, reads;
	/* The changes of the engine. Times are in microseconds. */
	atomic_ulong chosen, flips, flip_time, longest_flip, reloads, refused_reloads;
	atomic_ulong compared, differences, calls[3];
};

/* main.c */

extern struct figures *figures;
extern size_t page;

#define wrong(...)                                                             \
	do {                                                                   \
		if (figures->wrong++ < COMPLAINTS) {                           \
			printf("  " __VA_ARGS__);                              \
			puts("");                                              \
			fflush(stdout);                                        \
		}                                                              \
	} while (0)

unsigned long microseconds(void);
void step_back(void);
void rest(void);

/* access.c */

void catch_faults(void);
bool load(const unsigned char *address, unsigned char *value);
bool store(unsigned char *address, unsigned char value);

/* worker.c */

/* Each worker has a window of its own, and all of a process have one tree. */
#define WORKERS 2
#define WINDOW 48

/* A worker's record of its window. */
struct worker {
	unsigned int seed;
	/* Its allocations fail, now and then. */
	bool fails;
	unsigned char *base;
	/* The file of the process, and the mapped one, or -1. */
	int memory, file;
	bool mapped[WINDOW];
	/* The byte that was written to each page last. */
	unsigned char value[WINDOW];
};

void *work(void *data);

/* process.c */

void let_allocations_fail(bool fail);
noreturn void run_process(unsigned int number, bool fails);

/* engine.c */

void add_up(void);
noreturn void flip(void);
noreturn void reload(void);

#endif
