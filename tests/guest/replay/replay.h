/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files of this program. */
#ifndef REPLAY_H
#define REPLAY_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "missing.h"

/* How often all is checked; how many processes there may be, and how often forked. */
#define EVERY 100
#define PROCESSES 4
#define GENERATIONS 6
/* Sizes in pages. */
#define FILE_PAGES 128
#define SEGMENT_PAGES 8
/* The length of the words for a step. */
#define WORDS 128

#define count_of(array) (sizeof(array) / sizeof(*(array)))

/* main.c */

struct process {
	pid_t pid;
	bool alive, exiting;
};

/* The memory that all processes share. */
struct shared {
	unsigned long random, hash, seed;
	unsigned long step, steps, show;
	bool trace;
	struct process process[PROCESSES];
	char words[16 * WORDS];
	char scratch[1 << 16];
	char text[1 << 20];
};

extern struct shared *shared;
extern size_t page;

/* A process's turn comes through a pipe of its own; the end of it through one for all. */
extern int turns[PROCESSES][2], replies[2], ready[2];

enum { MEMFD_ONE, MEMFD_TWO, ZERO, SECRET, FILES };

extern int files[FILES], segments[2];
extern const char *const file_names[];

/* history.c */

unsigned long draw(void);
unsigned int below(unsigned int limit);
bool one_in(unsigned int times);
unsigned long mixed(unsigned long hash, unsigned long value);
void note(unsigned long value);
void die(const char *what);
char *end_of_words(void);

/* Adds to the words for this step, if anybody reads them. */
#define say(...) ((void)(shared->trace && snprintf(end_of_words(), WORDS, __VA_ARGS__)))

extern char line_out[2048];
void put(int length);

/* As snprintf() allocates nothing, the heap is all ours. */
#define print(...) put(snprintf(line_out, sizeof(line_out), __VA_ARGS__))

long outcome(long returned);

/* Returns the result of the call, or less than 0. */
#define call(...) outcome(syscall(__VA_ARGS__))

/* range.c */

struct window {
	char *start;
	size_t pages;
};

/* The windows. Sealed memory has one of its own, because it stays. */
enum { IN_MAIN, IN_SEAL, IN_FLOAT, IN_HEAP, WINDOWS };

extern struct window windows[WINDOWS];

/* The range of the step, and the window that it is in. */
extern char *start;
extern size_t pages;
extern int place;

void place_windows(void);
char *end_of(int which);
int window_of(const char *address);
bool query(const char *address, struct procmap_query *found);
bool is_mapped(const char *address);
void choose_in(int which);
void choose_any(void);
void choose(void);
void choose_hole(void);
void say_range(const char *what);
long placed(long address, size_t length);

/* process.c */

/* Which of the processes this is; its /proc/self/maps. */
extern int slot, maps_fd;

int free_slot(void);
int count_alive(void);
void get_ready(int in_slot);
long do_fork(void);
long do_exit(void);
long do_exec(void);

/* step.c */

bool at_check(void);
void serve(void);

/* look.c */

void note_vma(const char *address);
void read_smaps(void);
unsigned long hash_smaps(int *vmas);
void check(void);
void show(const char *when);

/* memory.c */

int touch(char *at, bool writing, unsigned long value);
void on_fault(int signal);
long do_write(void);
long do_read(void);
long do_truncate(void);

/* mapping.c */

/* Whether this process, or one that it was forked from, has moved memory. */
extern bool has_moved;

long do_mmap(void);
long do_munmap(void);
long do_mprotect(void);
long do_mremap(void);
long do_brk(void);
long do_remap_file_pages(void);
long do_shmat(void);
long do_shmdt(void);

/* change.c */

long do_madvise(void);
long do_process_madvise(void);
long do_mlock(void);
long do_mlockall(void);
long do_mbind(void);
long do_name(void);
long do_mseal(void);
long do_memory_merge(void);

bool is_healing(void);
long heal(void);
long do_heal(void);

/* uffd.c */

bool has_uffd(void);
void close_uffd(int which);
long do_uffd_register(void);
long do_uffd_unregister(void);
long do_uffd_fill(void);
long do_uffd_close(void);

#endif
