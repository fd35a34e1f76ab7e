// SPDX-License-Identifier: GPL-2.0
/*
 * A row is measured in a separate process, which executes this program again. Each
 * measurement therefore finds the same maple tree, and no memory that a fork keeps from
 * merging.
 */
#include "syscall_cost.h"
#include <sys/wait.h>

/* The number of repetitions of a row to count its calls. */
#define REPEATED 100

static unsigned long ask(const char *what, int row)
{
	int answers[2], status;
	char number[16];
	unsigned long value;
	pid_t child;

	snprintf(number, sizeof(number), "%d", row);
	must(!pipe(answers), "pipe");
	child = fork();
	must(child >= 0, "fork");
	if (!child) {
		dup2(answers[1], STDOUT_FILENO);
		close(answers[0]);
		close(answers[1]);
		execl(PROGRAM, PROGRAM, what, number, NULL);
		give_up(PROGRAM);
	}
	close(answers[1]);
	/* The child has already printed its error. */
	if (read(answers[0], &value, sizeof(value)) != sizeof(value))
		exit(1);
	close(answers[0]);
	must(waitpid(child, &status, 0) == child && !status, "waitpid");
	return value;
}

unsigned long measure_apart(int row)
{
	return ask("measure", row);
}

unsigned long count_apart(int row)
{
	return ask("count", row);
}

static unsigned long count(const struct row *row)
{
	unsigned long before = executed(C), calls;

	repeat(row, REPEATED);
	calls = executed(C) - before;
	if (!calls || calls % REPEATED) {
		fprintf(stderr, "syscall_cost: %s: %lu hooked calls in %d repetitions\n", row->name,
			calls, REPEATED);
		exit(1);
	}
	return calls / REPEATED;
}

/* Runs in the child. */
void answer(const char *what, int row)
{
	unsigned long value;

	prepare_place();
	value = strcmp(what, "count") ? measure(&rows[row]) : count(&rows[row]);
	must(write(STDOUT_FILENO, &value, sizeof(value)) == sizeof(value), "write");
}
