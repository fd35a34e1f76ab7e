/* SPDX-License-Identifier: GPL-2.0 */
/* Declarations for the files of this program. */
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

/* The maximum number of complaints that are printed. */
#define COMPLAINTS 20

/* The memory that all processes share. */
struct figures {
	atomic_bool over, reloading;
	/* The number of faults that were found. */
	atomic_ulong wrong;
	/* The calls of the workers, and of the threads that race with them. */
	atomic_ulong steps, failed_steps, without_memory, children;
	atomic_ulong touches, refused_touches, faults, reads;
	/* The final counts of the processes, and the number of uses of huge pages. */
	atomic_ulong migrated, attachments, sealed, huge;
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
void set(const char *name, const char *value);
void step_back(void);
void rest(void);

/* access.c */

void catch_faults(void);
bool load(const unsigned char *address, unsigned char *value);
bool store(unsigned char *address, unsigned char value);

/* worker.c */

/* Each worker has a separate window; the workers of a process share one tree. */
#define WORKERS 2
#define WINDOW 48

enum memory { ANONYMOUS, PRIVATE_FILE, SHARED_FILE, SEGMENT };

/* A worker's record of its window. */
struct worker {
	unsigned int seed;
	/* Whether its allocations fail now and then. */
	bool fails;
	unsigned char *base;
	enum memory kind;
	/* The memory of the process; the mapped file, or -1; the System V segment. */
	int memory, file, segment;
	/* The first page of a shared file that has not been mapped yet. */
	size_t fresh;
	bool mapped[WINDOW];
	/* The byte that was last written to each page. */
	unsigned char value[WINDOW];
};

void *work(void *data);
void check_page(struct worker *worker, size_t at);
void give_up(struct worker *worker, size_t first, size_t length);

/* process.c */

void let_allocations_fail(bool fail);
noreturn void run_process(unsigned int number, bool fails);

/* end.c */

void set_up_counters(void);
void stop_merging(void);
void check_counters(void);
void use_huge_pages(void);
void check_worker(struct worker *worker);

/* engine.c */

void add_up(void);
noreturn void flip(void);
noreturn void reload(void);

#endif
