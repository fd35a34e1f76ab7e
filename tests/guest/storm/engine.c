// SPDX-License-Identifier: GPL-2.0
/* The threads that change the engine, and unload and load the module. */
#include "storm.h"
#include <sched.h>
#include <sys/syscall.h>

#define ENGINE "/sys/kernel/debug/rust_vma/engine"
#define MODULE "/lib/modules/rust_vma.ko"

/* The time for which the module stays loaded, in microseconds. */
#define PERIOD 700000

/* The counters of the file engine, which start again with the module. */
struct said {
	unsigned long calls[3], compared, differences, refused;
};

static struct said ask(void)
{
	FILE *file = fopen(ENGINE, "r");
	struct said said = { 0 };
	unsigned long calls[3];
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "shadow %lu compared, %lu differences", &said.compared,
			   &said.differences) == 2 ||
		    sscanf(line, "refused %lu", &said.refused) == 1)
			continue;
		if (sscanf(line, "%*s %lu %lu %lu", &calls[0], &calls[1], &calls[2]) == 3)
			for (int i = 0; i < 3; i++)
				said.calls[i] += calls[i];
	}
	if (file)
		fclose(file);
	return said;
}

static void count(struct said said)
{
	for (int i = 0; i < 3; i++)
		figures->calls[i] += said.calls[i];
	figures->compared += said.compared;
	figures->differences += said.differences;
	if (said.refused)
		wrong("%lu calls made no sense to Rust", said.refused);
}

void add_up(void)
{
	count(ask());
}

/* Takes precedence over the workers. The thread mostly sleeps until the old engine has no call. */
static void step_forward(void)
{
	struct sched_param parameter = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &parameter))
		wrong("cannot become urgent: %s", strerror(errno));
}

void flip(void)
{
	static const char *const engines[] = { "c", "rust", "shadow" };

	step_forward();
	while (!figures->over) {
		const char *engine = engines[figures->chosen++ % 3];
		unsigned long took;
		int fd = open(ENGINE, O_WRONLY);

		/* The module may be unloaded. */
		if (fd < 0) {
			usleep(1000);
			continue;
		}
		took = microseconds();
		if (write(fd, engine, strlen(engine)) < 0)
			wrong("cannot choose %s: %s", engine, strerror(errno));
		took = microseconds() - took;
		close(fd);
		figures->flips++;
		figures->flip_time += took;
		if (took > figures->longest_flip)
			figures->longest_flip = took;
		/* The module cannot be unloaded while the file is open. */
		while (figures->reloading && !figures->over)
			usleep(500);
	}
	exit(0);
}

static void put_in(void)
{
	int fd = open(MODULE, O_RDONLY);
	char parameters[16];

	snprintf(parameters, sizeof(parameters), "engine=%lu", figures->reloads % 3);
	if (syscall(SYS_finit_module, fd, parameters, 0))
		wrong("the module does not load: %s", strerror(errno));
	close(fd);
}

void reload(void)
{
	unsigned long put_in_at = 0;

	step_forward();
	while (!figures->over) {
		struct said said;

		/* The engine cannot be changed while the module is unloaded. */
		while (!figures->over && microseconds() < put_in_at + PERIOD)
			usleep(10000);
		said = ask();
		if (syscall(SYS_delete_module, "rust_vma", O_NONBLOCK)) {
			/* A process has a file open. */
			if (errno != EWOULDBLOCK)
				wrong("the module does not go: %s", strerror(errno));
			figures->refused_reloads++;
			figures->reloading = true;
			usleep(200);
			continue;
		}
		figures->reloading = false;
		count(said);
		put_in();
		put_in_at = microseconds();
		figures->reloads++;
	}
	exit(0);
}
