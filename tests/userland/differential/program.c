// SPDX-License-Identifier: GPL-2.0
/*
 * Random histories of all helpers, in a world with the C bodies and in a world
 * with the engine. The first difference is reduced to few steps and printed.
 */
#include "engine.h"
#include "oracle.h"
#include "report.h"
#include "shrink.h"

#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TALLY	128

struct job {
	struct progress progress;
	pid_t pid;
	unsigned long tally[TALLY];
	unsigned int tally_count;
};

struct options {
	unsigned long steps, seed;
	unsigned int jobs;
	const char *replay, *report, *save;
};

static void *share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(EXIT_FAILURE);
	}
	return memory;
}

static void run_job(struct job *job, unsigned long seed, unsigned long steps)
{
	unsigned long state = seed;

	progress = &job->progress;
	while (history_steps_done(progress) < steps) {
		history_choose(progress->bytes, &state);
		progress->steps = HISTORY_STEPS;
		alarm(60);
		if (!history_run(progress->bytes, HISTORY_STEPS))
			_exit(EXIT_FAILURE);
	}
	job->tally_count = tally_add(job->tally, TALLY);
	_exit(EXIT_SUCCESS);
}

static int tell_difference(unsigned char *bytes, size_t steps, const char *program,
			   const char *save)
{
	FILE *file;

	printf("\n");
	run_apart(bytes, steps, true);
	printf("\nDifference: %s\n", progress->why);
	file = fopen(save, "w");
	if (!file || fwrite(bytes, STEP_BYTES, steps, file) != steps || fclose(file))
		perror(save);
	else
		printf("Again: %s --replay %s\n", program, save);
	return EXIT_FAILURE;
}

static int replay(const struct options *options)
{
	unsigned char bytes[HISTORY_BYTES];
	size_t steps;
	FILE *file;

	file = fopen(options->replay, "r");
	if (!file) {
		perror(options->replay);
		return EXIT_FAILURE;
	}
	steps = fread(bytes, STEP_BYTES, HISTORY_STEPS, file);
	fclose(file);
	if (!run_apart(bytes, steps, true)) {
		printf("\nDifference: %s\n", progress->why);
		return EXIT_FAILURE;
	}
	printf("%zu steps, 0 differences\n", steps);
	return EXIT_SUCCESS;
}

/* Replays a difference from the kernel's log. */
static int replay_report(const char *name)
{
	FILE *file = fopen(name, "r");
	bool same;

	if (!file) {
		perror(name);
		return EXIT_FAILURE;
	}
	same = report_replay(file, progress->why, sizeof(progress->why));
	fclose(file);
	printf("%s\n", same ? "0 differences" : progress->why);
	return same ? EXIT_SUCCESS : EXIT_FAILURE;
}

static unsigned int table_line(const char *name, unsigned long count)
{
	printf("%10lu  %s%s\n", count, name, count ? "" : "   <- never");
	return !count;
}

static int report(const struct job *jobs, unsigned int count)
{
	unsigned long done[STEP_KINDS] = { 0 }, tally[TALLY] = { 0 }, total = 0;
	unsigned int i, j, unhit = 0;

	for (i = 0; i < count; i++) {
		for (j = 0; j < STEP_KINDS; j++)
			done[j] += jobs[i].progress.done[j];
		for (j = 0; j < jobs[i].tally_count; j++)
			tally[j] += jobs[i].tally[j];
	}
	for (j = 0; j < step_kinds_count; j++) {
		unhit += table_line(step_kinds[j].name, done[j]);
		total += done[j];
	}
	printf("\n");
	/*
	 * The names are the same in all processes; this process has no counts
	 * to add.
	 */
	tally_add(tally, TALLY);
	for (j = 0; j < jobs[0].tally_count; j++)
		unhit += table_line(tally_name(j), tally[j]);
	printf("\n%lu steps, 0 differences, ", total);
	if (unhit)
		printf("%u unhit\n", unhit);
	else
		printf("nothing unhit\n");
	return unhit ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(const struct options *options, const char *program)
{
	struct job *jobs = share(options->jobs * sizeof(*jobs)), *failed = NULL;
	unsigned int i, running = options->jobs;
	int status;

	printf("seed %lu, %u jobs\n", options->seed, options->jobs);
	fflush(stdout);
	for (i = 0; i < options->jobs; i++) {
		unsigned long share_of = options->steps / options->jobs +
					 (i < options->steps % options->jobs);
		pid_t pid = fork();

		if (pid < 0) {
			perror("fork");
			return EXIT_FAILURE;
		}
		if (!pid)
			run_job(&jobs[i], options->seed + i * 0x1000003UL, share_of);
		jobs[i].pid = pid;
	}
	while (running--) {
		pid_t pid = wait(&status);

		for (i = 0; i < options->jobs; i++) {
			if (jobs[i].pid != pid)
				continue;
			jobs[i].pid = 0;
			if (status && !failed)
				failed = &jobs[i];
		}
		if (!failed)
			continue;
		for (i = 0; i < options->jobs; i++)
			if (jobs[i].pid)
				kill(jobs[i].pid, SIGKILL);
	}
	if (failed) {
		unsigned char *bytes = failed->progress.bytes;
		size_t steps = failed->progress.steps;

		printf("A difference after %lu steps: %s\nShrinking it.\n",
		       history_steps_done(&failed->progress), failed->progress.why);
		return tell_difference(bytes, shrink(bytes, steps), program,
				       options->save);
	}
	return report(jobs, options->jobs);
}

static const char usage[] =
	"Options: --steps N --seed S --jobs J --save FILE --replay FILE --report FILE --oracle\n";

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "steps", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "replay", required_argument, NULL, 'r' },
		{ "report", required_argument, NULL, 'k' },
		{ "save", required_argument, NULL, 'o' },
		{ "oracle", no_argument, NULL, 'w' },
		{ 0 },
	};
	struct options options = {
		.steps = 1000000,
		.seed = time(NULL) * 1000003UL + getpid(),
		.jobs = sysconf(_SC_NPROCESSORS_ONLN),
	};
	bool oracle = false;
	char save[4096];
	int option;

	/* The file is next to the program, among the build results. */
	snprintf(save, sizeof(save), "%s.history", argv[0]);
	options.save = save;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'n':
			options.steps = strtoul(optarg, NULL, 0);
			break;
		case 's':
			options.seed = strtoul(optarg, NULL, 0);
			break;
		case 'j':
			options.jobs = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			options.replay = optarg;
			break;
		case 'k':
			options.report = optarg;
			break;
		case 'o':
			options.save = optarg;
			break;
		case 'w':
			oracle = true;
			break;
		default:
			fputs(usage, stderr);
			return EXIT_FAILURE;
		}
	}
	if (!options.jobs)
		options.jobs = 1;
	progress = share(sizeof(*progress));
	history_init();
	if (oracle)
		return oracle_run();
	if (options.replay)
		return replay(&options);
	if (options.report)
		return replay_report(options.report);
	return run(&options, argv[0]);
}
