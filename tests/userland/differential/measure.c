// SPDX-License-Identifier: GPL-2.0
/*
 * Runs histories that are the same in every run, to measure the cost of the
 * calls under test with callgrind, or with --times by the clock.
 */
#include "history.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

/*
 * No call takes this many nanoseconds, unless the processor was taken away
 * meanwhile.
 */
#define INTERRUPTED	50000UL

/* The time in the calls under test, with C and with the engine. */
static struct {
	unsigned long nanoseconds, calls;
} spent[2];

static unsigned long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000UL + time.tv_nsec;
}

/*
 * Adds up the time between a begin and its end. A step may end more than once.
 */
static void watch(bool begins)
{
	static unsigned long began;
	unsigned long took;

	if (begins) {
		began = now();
		return;
	}
	if (!began)
		return;
	took = now() - began;
	began = 0;
	if (took >= INTERRUPTED)
		return;
	spent[world->engine].nanoseconds += took;
	spent[world->engine].calls++;
}

/* Returns the time that reading the clock takes. */
static double clock_cost(void)
{
	unsigned long i, start = now(), tries = 10000;

	for (i = 0; i < tries; i++)
		now();
	return (double)(now() - start) / tries;
}

static double average(bool engine)
{
	return (double)spent[engine].nanoseconds / spent[engine].calls - clock_cost();
}

static void run(unsigned long seed, unsigned long steps)
{
	unsigned long state = seed;

	memset(progress->done, 0, sizeof(progress->done));
	while (history_steps_done(progress) < steps) {
		history_choose(progress->bytes, &state);
		if (!history_run(progress->bytes, HISTORY_STEPS)) {
			fprintf(stderr, "Difference: %s\n", progress->why);
			exit(EXIT_FAILURE);
		}
	}
}

/*
 * Prints one line per run: nanoseconds per call, with C and with the engine.
 * Each of them is first once.
 */
static void run_by_clock(unsigned long seed, unsigned long steps)
{
	memset(spent, 0, sizeof(spent));
	history_engine_first = false;
	run(seed, steps);
	history_engine_first = true;
	run(seed, steps);
	printf("%.2f %.2f\n", average(false), average(true));
}

static const char usage[] = "Options: --steps N --seed S --times N\n";

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "steps", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "times", required_argument, NULL, 't' },
		{ 0 },
	};
	unsigned long seed = 1, steps = 1000, times = 0;
	static struct progress own;
	int option;

	entrance = ENTRANCE_HOOK;
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'n':
			steps = strtoul(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 't':
			times = strtoul(optarg, NULL, 0);
			break;
		default:
			fputs(usage, stderr);
			return EXIT_FAILURE;
		}
	}
	progress = &own;
	history_init();
	if (!times)
		run(seed, steps);
	else
		test_watch = watch;
	while (times--)
		run_by_clock(seed, steps);
	return EXIT_SUCCESS;
}
