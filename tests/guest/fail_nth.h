/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the nth allocation of this thread fail. */

#define FAIL_NTH "/proc/thread-self/fail-nth"

static inline void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		complain("cannot write '%s' to %s", text, name);
}

/* The file is opened beforehand, because opening it could be the call that fails. */
static int fail_nth_file = -1;

/* Makes an allocation from now on fail: 1 is the next one, 0 is none. */
static inline void fail_nth(int nth)
{
	char text[16];
	int length = sprintf(text, "%d", nth);

	if (pwrite(fail_nth_file, text, length, 0) != length)
		complain("cannot make allocation %d fail", nth);
}

/* Returns the current number of the failing allocation; 0 if it has failed. */
static inline int remaining(void)
{
	char text[16] = "";

	if (pread(fail_nth_file, text, sizeof(text) - 1, 0) <= 0)
		complain("cannot read fail-nth");
	return atoi(text);
}

static inline void make_failures_possible(void)
{
	write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/failslab/verbose", "0");
	write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	if (fail_nth_file < 0)
		fail_nth_file = open(FAIL_NTH, O_RDWR);
	expect(fail_nth_file >= 0);
}

/* More allocations than a call ever makes. */
#define MOST_FAILURES 150

/*
 * Carries out an action with its nth allocation failing. Returns false if it makes fewer
 * allocations.
 */
#define with_failure(nth, action)                                              \
	({                                                                     \
		int rest_of_them;                                              \
		fail_nth(nth);                                                 \
		action;                                                        \
		rest_of_them = remaining();                                    \
		fail_nth(0);                                                   \
		rest_of_them == 0;                                             \
	})

/*
 * Executes a program with the nth allocation from now on failing, in the program or
 * before it begins.
 */
static inline void execute_with_failure(int nth)
{
	pid_t pid = fork();

	if (!pid) {
		char text[16];
		int fd = open(FAIL_NTH, O_RDWR), length = sprintf(text, "%d", nth);

		/* The messages of a failing program do not matter. */
		close(STDERR_FILENO);
		if (write(fd, text, length) == length)
			execl("/bin/true", "true", NULL);
		_exit(1);
	}
	expect(waitpid(pid, NULL, 0) == pid);
}
