/* SPDX-License-Identifier: GPL-2.0 */
/* Declarations for the files of this program. */
#ifndef SYSCALL_COST_H
#define SYSCALL_COST_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <unistd.h>

/* The maximum number of samples, which is more than needed. */
#define MOST_ROUNDS 1000

/* The path of this program, which executes itself. */
#define PROGRAM "/bin/syscall_cost"

/* main.c */

noreturn void give_up(const char *what);

/* Ends the program with the errno in words, unless @holds. */
static inline void must(bool holds, const char *what)
{
	if (__builtin_expect(!holds, 0))
		give_up(what);
}

/* clock.c */

unsigned long instructions(void);
void check_clock(void);

/* rows.c */

/* Two calls, the second of which undoes the first, so that they can be repeated. */
struct row {
	const char *name;
	void (*there)(void);
	void (*back)(void);
};

#define ROWS 9
/*
 * All rows but fork-exec, the last one, which has too few hooked calls for the number of
 * its instructions.
 */
#define HOOK_ROWS (ROWS - 1)
extern const struct row rows[ROWS];

void prepare_place(void);
unsigned long measure(const struct row *row);
void repeat(const struct row *row, unsigned int times);

/* process.c */

unsigned long measure_apart(int row);
unsigned long count_apart(int row);
void answer(const char *what, int row);

/* median.c */

unsigned long median(unsigned long *values, unsigned int count);

/* module.c */

enum engine { C, RUST, ENGINES };

void check_module_is_out(void);
void open_module(void);
void load(enum engine engine);
void unload(void);
unsigned long executed(enum engine engine);
unsigned long memory_held(void);

#endif
