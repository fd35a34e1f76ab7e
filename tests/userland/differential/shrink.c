// SPDX-License-Identifier: GPL-2.0
/* Delta debugging over the steps of a history. */
#include "shrink.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS	20

bool run_apart(const unsigned char *bytes, size_t steps, bool loud)
{
	int status, null;
	pid_t child;

	fflush(NULL);
	progress->why[0] = '\0';
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(EXIT_FAILURE);
	}
	if (!child) {
		alarm(SECONDS);
		null = loud ? -1 : open("/dev/null", O_WRONLY);
		if (null >= 0)
			dup2(null, STDERR_FILENO);
		if (loud) {
			story = stdout;
			setvbuf(stdout, NULL, _IONBF, 0);
		}
		_exit(history_run(bytes, steps) ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	if (waitpid(child, &status, 0) != child)
		return false;
	if (WIFSIGNALED(status) && !progress->why[0])
		snprintf(progress->why, sizeof(progress->why),
			 "%s: ended by signal %d", progress->engine ? "engine" : "C",
			 WTERMSIG(status));
	else if (status && !progress->why[0])
		snprintf(progress->why, sizeof(progress->why),
			 "%s: a sanitizer has ended it", progress->engine ? "engine" : "C");
	return !status;
}

static bool still_fails(const unsigned char *bytes, size_t steps)
{
	return !run_apart(bytes, steps, false);
}

size_t shrink(unsigned char *bytes, size_t steps)
{
	unsigned char candidate[HISTORY_BYTES];
	size_t chunk, at, i;

	/* The steps after the failing one do not matter. */
	if (still_fails(bytes, steps) && progress->step < steps)
		steps = progress->step + 1;

	for (chunk = (steps + 1) / 2; chunk; chunk /= 2) {
		for (at = 0; at < steps; ) {
			size_t length = min(chunk, steps - at);

			memcpy(candidate, bytes, at * STEP_BYTES);
			memcpy(candidate + at * STEP_BYTES,
			       bytes + (at + length) * STEP_BYTES,
			       (steps - at - length) * STEP_BYTES);
			if (still_fails(candidate, steps - length)) {
				steps -= length;
				memcpy(bytes, candidate, steps * STEP_BYTES);
			} else {
				at += length;
			}
		}
	}

	/* The simplest choice is the first one, which is zero. */
	for (i = 0; i < steps * STEP_BYTES; i++) {
		unsigned char byte = bytes[i];

		if (!byte || i % STEP_BYTES == 0)
			continue;
		bytes[i] = 0;
		if (!still_fails(bytes, steps))
			bytes[i] = byte;
	}
	return steps;
}
