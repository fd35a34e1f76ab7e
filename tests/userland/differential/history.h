/* SPDX-License-Identifier: GPL-2.0 */
/* A history: steps that are executed in two worlds, which must stay equal. */
#ifndef RUST_VMA_USERLAND_HISTORY_H
#define RUST_VMA_USERLAND_HISTORY_H

#include "steps.h"

#define HISTORY_STEPS	80
#define HISTORY_BYTES	(HISTORY_STEPS * STEP_BYTES)
#define STEP_KINDS	32

/* The progress and the result of a run, in memory that survives the process. */
struct progress {
	unsigned char bytes[HISTORY_BYTES];
	size_t steps;
	/* In this history. */
	size_t step;
	bool engine;
	/* In all histories. */
	unsigned long done[STEP_KINDS];
	char why[2048];
};

extern struct progress *progress;

/* Chooses a random history, which is the same for the same state. */
void history_choose(unsigned char *bytes, unsigned long *state);

unsigned long history_steps_done(const struct progress *of);

/*
 * Whether the engine's world executes each step first. The second world finds
 * warm caches.
 */
extern bool history_engine_first;

/*
 * Returns whether the worlds were equal after each step. Otherwise
 * progress->why says how they differ.
 */
bool history_run(const unsigned char *bytes, size_t steps);

void history_init(void);

/* Adds the counts of the engine to sums. Returns the number of counts. */
unsigned int tally_add(unsigned long *sums, unsigned int limit);
const char *tally_name(unsigned int index);

#endif /* RUST_VMA_USERLAND_HISTORY_H */
