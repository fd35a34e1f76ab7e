// SPDX-License-Identifier: GPL-2.0
/* Runs a history in both worlds, step by step. */
#include "engine.h"
#include "history.h"

#include <string.h>

#define TALLY	128

struct progress *progress;
bool history_engine_first;

static const char *tally_names[TALLY];

struct tally_sums {
	unsigned long *sums;
	unsigned int count, limit;
};

static void tally_one(void *data, const char *name, unsigned long count)
{
	struct tally_sums *sums = data;

	WARN_ON(sums->count == sums->limit || sums->count == TALLY);
	tally_names[sums->count] = name;
	sums->sums[sums->count++] += count;
}

unsigned int tally_add(unsigned long *sums, unsigned int limit)
{
	struct tally_sums data = { sums, 0, limit };

	rust_vma_tally(tally_one, &data);
	return data.count;
}

const char *tally_name(unsigned int index)
{
	return tally_names[index];
}

static void tally_total_one(void *data, const char *name, unsigned long count)
{
	unsigned long *total = data;

	(void)name;
	*total += count;
}

static unsigned long tally_total(void)
{
	unsigned long total = 0;

	rust_vma_tally(tally_total_one, &total);
	return total;
}

void shim_failed(const char *file, int line, const char *what)
{
	snprintf(progress->why, sizeof(progress->why), "%s: %s:%d: %s",
		 progress->engine ? "engine" : "C", file, line, what);
	fprintf(stderr, "%s\n", progress->why);
	abort();
}

void history_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	WARN_ON(step_kinds_count > STEP_KINDS);
	maple_tree_init();
	vma_state_init();
}

/* Returns the next number of splitmix64, for which any seed will do. */
static unsigned long next_random(unsigned long *state)
{
	unsigned long mixed = *state += 0x9e3779b97f4a7c15UL;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9UL;
	mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
	return mixed ^ (mixed >> 31);
}

void history_choose(unsigned char *bytes, unsigned long *state)
{
	size_t i;

	for (i = 0; i < HISTORY_BYTES; i += sizeof(unsigned long)) {
		unsigned long random = next_random(state);

		memcpy(bytes + i, &random, sizeof(random));
	}
}

unsigned long history_steps_done(const struct progress *of)
{
	unsigned long done = 0;
	unsigned int i;

	for (i = 0; i < step_kinds_count; i++)
		done += of->done[i];
	return done;
}

static unsigned int kind_of_step(unsigned char byte)
{
	static unsigned char table[256];
	static bool filled;
	unsigned int i, kind = 0, total = 0, sum = 0;

	if (!filled) {
		for (i = 0; i < step_kinds_count; i++)
			total += step_kinds[i].weight;
		for (i = 0; i < 256; i++) {
			while (i * total / 256 >= sum + step_kinds[kind].weight)
				sum += step_kinds[kind++].weight;
			table[i] = kind;
		}
		filled = true;
	}
	return table[byte];
}

static bool run_step(struct world *in, const unsigned char *bytes)
{
	const struct step_kind *kind = &step_kinds[kind_of_step(bytes[0])];
	struct choice choice = { bytes, 2 };
	/*
	 * In one of four steps, one allocation fails, more often an early one.
	 */
	unsigned int fails_at = bytes[1] < 192 ? 0 : 1 + (bytes[1] % 8 & bytes[1] / 8 % 8);
	unsigned long entered = tally_total();
	bool done;

	world = in;
	progress->engine = in->engine;
	tell("%3zu: %s", progress->step + 1, kind->name);
	world_step_begin(fails_at);
	done = kind->run(&choice);
	test_end();
	if (fails_at && world->fallible >= fails_at)
		tell(" (allocation %u fails)", fails_at);
	tell(done ? "\n" : ": nothing to do\n");
	world_step_end();
	if (done)
		snapshot();
	WARN_ON(!in->engine && tally_total() != entered);
	return done;
}

bool history_run(const unsigned char *bytes, size_t steps)
{
	struct world *c = world_create("C", false);
	struct world *engine = world_create("engine", true);
	struct world *first = history_engine_first ? engine : c;
	struct world *second = history_engine_first ? c : engine;
	bool done;

	for (progress->step = 0; progress->step < steps; progress->step++) {
		const unsigned char *step = bytes + progress->step * STEP_BYTES;

		done = run_step(first, step);
		if (run_step(second, step) != done) {
			snprintf(progress->why, sizeof(progress->why),
				 "only one of them finds something to do");
			return false;
		}
		if (!done)
			continue;
		progress->done[kind_of_step(step[0])]++;
		if (!record_same(&c->record, &engine->record, progress->why,
				 sizeof(progress->why)))
			return false;
	}
	progress->engine = false;
	world_destroy(c);
	progress->engine = true;
	world_destroy(engine);
	return true;
}

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	/*
	 * Leaks are found by counting objects, and objects are many and
	 * short-lived.
	 */
	return "detect_leaks=0:quarantine_size_mb=4:malloc_context_size=8";
}
