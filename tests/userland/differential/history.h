/* SPDX-License-Identifier: GPL-2.0 */
/* A history: steps, done in two worlds, which must stay the same. */
#ifndef RUST_VMA_USERLAND_HISTORY_H
#define RUST_VMA_USERLAND_HISTORY_H

#include "steps.h"

#define HISTORY_STEPS	80
#define HISTORY_BYTES	(HISTORY_STEPS * STEP_BYTES)
#define STEP_KINDS	32

/* Where the run is and what it has come to, for whoever survives it. */
struct progress {
	unsigned char bytes[HISTORY_BYTES];
	size_t steps;
	/* Of this history. */
	size_t step;
	bool engine;
	/* Of all. */
	unsigned long done[STEP_KINDS];
	char why[2048];
};

extern struct progress *progress;

/* One that is random, and the same for the same state. */
void history_choose(unsigned char *bytes, unsigned long *state);

unsigned long history_steps_done(const struct progress *of);

/* In which world each step is done first; the other one finds the caches warm. */
extern bool history_engine_first;

/* Returns whether the worlds were the same after each step; progress->why if not. */
bool history_run(const unsigned char *bytes, size_t steps);

void history_init(void);

/* What the engine has counted, added to sums. Returns how many sums there are. */
unsigned int tally_add(unsigned long *sums, unsigned int limit);
const char *tally_name(unsigned int index);

#endif /* RUST_VMA_USERLAND_HISTORY_H */
