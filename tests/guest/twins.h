/* SPDX-License-Identifier: GPL-2.0 */
/* Two twins: ctl changes one of them, and the other changes itself. */
#include "twin.h"

static struct twin ours, theirs;

static inline void start_twins(void)
{
	ours = start_twin();
	theirs = start_twin();
}

static inline void end_twins(void)
{
	end_twin(&ours);
	end_twin(&theirs);
}

/* Makes both twins carry out the same request. */
#define both(...)                                                              \
	do {                                                                   \
		struct request request = { __VA_ARGS__ };                      \
		int one = ask(&ours, &request), other = ask(&theirs, &request); \
		if (one != other || one)                                       \
			complain("line %d: setting up: %d, %d", __LINE__, one, other); \
	} while (0)

/* Changes one twin through ctl, while the other makes the system call. Returns the errno. */
static inline int compare(const struct request *request, const char *what, int step)
{
	int error, other;

	command_for(&ours, request);
	error = write_to(CTL, command, strlen(command));

	if (error && !strstr(outcome, "refused (") && !strstr(outcome, "stopped ("))
		complain("step %d, %s: no sentence: %s", step, what, outcome);
	/* If a page is not mapped, ctl does nothing, but the system call does a part of it. */
	if (error && strstr(outcome, "the whole range has to be mapped"))
		return error;
	other = ask(&theirs, request);
	if (error != other)
		complain("step %d, %s %zu-%zu %lx %lx: %d, the system call's %d (outcome: %s)",
			 step, what, request->first, request->last, request->how, request->more,
			 error, other, outcome);
	expect_alike(&ours, &theirs, what, step);
	return error;
}

#define same(...) compare(&(struct request){ __VA_ARGS__ }, #__VA_ARGS__, __LINE__)

static inline void expect_refusal(int error, int wanted, const char *words, int line)
{
	if (error != wanted || !strstr(outcome, words))
		complain("line %d: %d, not %d with '%s': %s", line, error, wanted, words, outcome);
}

#define refused(number, words, ...) expect_refusal(same(__VA_ARGS__), number, words, __LINE__)
