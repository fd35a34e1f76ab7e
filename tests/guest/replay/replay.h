/* SPDX-License-Identifier: GPL-2.0 */
/* Declarations for the files of this program. */
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
#include <sys/stat.h>
#include <unistd.h>
#include "missing.h"

/*
 * The number of steps between checks of everything, and between checks that take long;
 * the maximum number of processes, and of forks in a row.
 */
#define EVERY 100
#define SELDOM 500
#define PROCESSES 4
#define GENERATIONS 6
/* Sizes in pages. */
#define FILE_PAGES 128
#define SEGMENT_PAGES 8
#define HUGE_UNIT 512
#define HUGE_UNITS 4
/* The length of the words for a step. */
#define WORDS 128

#define SEGMENTS 2
#define SEALABLE 32

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
	/* The number of sealable files that are sealed. */
	int sealed;
	/* The numbers of VMAs of each segment and of the next sealable file, at the last check. */
	unsigned long attached[SEGMENTS], writable;
	char words[16 * WORDS];
	char scratch[1 << 16];
	char text[1 << 20];
};

extern struct shared *shared;
extern size_t page;

/*
 * Each process gets its turn through a pipe of its own. All report the end of a turn
 * through the same pipe.
 */
extern int turns[PROCESSES][2], replies[2], ready[2];

enum { MEMFD_ONE, MEMFD_TWO, ZERO, SECRET, FILES };

extern int files[FILES];
extern const char *const file_names[];

void write_setting(const char *file, const char *value);

/* history.c */

unsigned long draw(void);
unsigned int below(unsigned int limit);
bool one_in(unsigned int times);
unsigned long mixed(unsigned long hash, unsigned long value);
void note(unsigned long value);
void die(const char *what);
char *end_of_words(void);

/* Adds to the words for this step, if they are printed. */
#define say(...) ((void)(shared->trace && snprintf(end_of_words(), WORDS, __VA_ARGS__)))

extern char line_out[2048];
void put(int length);

/* snprintf() allocates nothing, so that the heap belongs to the history alone. */
#define print(...) put(snprintf(line_out, sizeof(line_out), __VA_ARGS__))

/* Complains of a fault that does not depend on another engine. */
#define complain(...)                                                          \
	do {                                                                   \
		print("replay: step %lu: ", shared->step);                     \
		print(__VA_ARGS__);                                            \
		print("\n");                                                   \
		_exit(3);                                                      \
	} while (0)

long outcome(long returned);

/* Returns the result of the call, or the negative errno. */
#define call(...) outcome(syscall(__VA_ARGS__))

/* range.c */

struct window {
	char *start;
	size_t pages;
};

/* The windows. Sealed memory has a separate one, because it stays. */
enum { IN_MAIN, IN_SEAL, IN_FLOAT, IN_HEAP, IN_HUGE, WINDOWS };

extern struct window windows[WINDOWS];

/* The range of the step, and the window that it is in. */
extern char *start;
extern size_t pages;
extern int place;

void place_windows(void);
size_t unit_of(int which);
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

/* The slot of this process, and its /proc/self/maps and pagemap. */
extern int slot, maps_fd, pagemap_fd;

int free_slot(void);
int count_alive(void);
void get_ready(int in_slot);
long do_fork(void);
long do_exit(void);
long do_exec(void);

/* step.c */

bool at_check(void);
bool at_long_check(void);
void take_turns(void);

/* look.c */

/* A VMA as smaps describes it. */
struct vma {
	unsigned long from, to, inode;
	dev_t device;
	bool readable, shared_maywrite;
	const char *name;
};

bool is_called(const struct vma *vma, const char *beginning);

void note_vma(const char *address);
void read_text(const char *file);
void read_smaps(void);
unsigned long hash_smaps(int *vmas);
void tell_noted(const char *what);
void check(void);
void show(const char *when);

/* memory.c */

int touch(char *at, bool writing, unsigned long value);
void on_fault(int signal);
long do_write(void);
long do_read(void);
long do_truncate(void);

/* mapping.c */

/* Whether this process, or an ancestor, has moved memory. */
extern bool has_moved;

long do_mmap(void);
long do_munmap(void);
long do_mprotect(void);
long do_mremap(void);
long do_brk(void);
long do_remap_file_pages(void);

/* attach.c */

void create_segments(void);
void remove_segments(void);
void note_attachments(void);
void count_attachment(const struct vma *vma);
void check_attachments(void);
long do_shmat(void);
long do_shmdt(void);

/* seal.c */

void create_sealable_files(void);
int sealable_file(void);
void count_writable(const struct vma *vma);
void try_to_seal(void);
void seal_all(void);

/* pagemap.c */

extern bool has_soft_dirty;

void find_soft_dirty(void);
void note_pagemap(void);
bool is_present(const char *address);
bool is_of_ksm(const char *address);
void check_written(const char *address);
long do_clear_soft_dirty(void);

/* migrate.c */

void collect_pages(const struct vma *vma);
void migrate_all(void);

/* huge.c */

extern bool has_huge_pages;
extern int huge_file;

void set_up_huge_pages(void);
void note_huge_pages(void);
void check_huge_pages(const char *when);

/* ksm.c */

extern bool has_ksm;

void set_up_ksm(void);
void run_ksm(void);
void note_ksm(void);

/* keys.c */

bool set_up_keys(void);
bool has_shadow_stacks(void);
void restore_rights(void);
long protect_with(int key, int protection);
long do_pkey_mprotect(void);
long do_shadow_stack(void);

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
