// SPDX-License-Identifier: GPL-2.0
/*
 * vma-explain under the conditions of production kernels: processes with many VMAs, which
 * change them, or exit, during a question; many questions at once; and the code that
 * makes VMAs.
 */
#include "harness.h"

#define MANY 100000
#define AT_ONCE 30

static char answer[1 << 16];

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

static void nothing(void)
{
}

/* Starts a process. Returns after it has prepared itself. */
static pid_t start(void (*prepare)(void), void (*live)(void))
{
	int ready[2];
	char byte;
	pid_t pid;

	expect(!pipe(ready));
	pid = fork();
	if (!pid) {
		close(ready[0]);
		prepare();
		expect(write(ready[1], "", 1) == 1);
		live();
	}
	close(ready[1]);
	expect(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static FILE *begin_to_ask(const char *arguments, pid_t pid)
{
	char command[128];

	snprintf(command, sizeof(command), "vma-explain %s %d", arguments, pid);
	return popen(command, "r");
}

static const char *ask(const char *arguments, pid_t pid)
{
	FILE *said = begin_to_ask(arguments, pid);

	answer[fread(answer, 1, sizeof(answer) - 1, said)] = 0;
	expect(!pclose(said));
	return answer;
}

/* Maps memory in which every other page has different rights. */
static void have_many(void)
{
	char *memory = mmap(NULL, MANY * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < MANY; i += 2)
		expect(!mprotect(memory + i * page, page, PROT_NONE));
}

static void change_for_ever(void)
{
	char *memory = mmap(NULL, 1000 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int rights = PROT_NONE;; rights ^= PROT_READ)
		for (int i = 0; i < 1000; i += 2)
			mprotect(memory + i * page, page, rights);
}

/* The kernel's iterator repeats its last piece forever unless it is stopped. */
static void many_vmas(void)
{
	pid_t pid = start(have_many, sleep_for_ever);
	char words[64];

	expect(vmas_of(pid) > MANY);
	snprintf(words, sizeof(words), ": %d VMAs of at most ", vmas_of(pid));
	expect(strstr(ask("", pid), words));
	expect(strstr(answer, "main cause: access rights (mprotect), at "));
	end(pid);
}

/* The answer ends, and is either complete or marked as incomplete. */
static void one_that_exits_meanwhile(void)
{
	pid_t pid = start(have_many, sleep_for_ever);
	FILE *said = begin_to_ask("--boundaries", pid);
	char last[512] = "", line[512];
	bool is_told = false;

	expect(fgets(line, sizeof(line), said));
	end(pid);
	while (fgets(line, sizeof(line), said)) {
		is_told = is_told || !strncmp(line, "incomplete: ", 12);
		snprintf(last, sizeof(last), "%s", line);
	}
	expect(!pclose(said));
	expect(is_told);
	expect(!strncmp(last, "source: bpf; Linux ", 19));
}

static void one_that_changes_all_the_time(void)
{
	pid_t pid = start(nothing, change_for_ever);

	for (int i = 0; i < 5; i++) {
		expect(strstr(ask("", pid), "\nsource: bpf; Linux "));
		expect(!strstr(answer, "incomplete"));
	}
	end(pid);
}

static void many_at_once(void)
{
	pid_t pid = start(nothing, sleep_for_ever);
	FILE *said[AT_ONCE];

	for (int i = 0; i < AT_ONCE; i++)
		said[i] = begin_to_ask("--json", pid);
	for (int i = 0; i < AT_ONCE; i++) {
		answer[fread(answer, 1, sizeof(answer) - 1, said[i])] = 0;
		expect(!pclose(said[i]));
		expect(strstr(answer, "{\"pid\":"));
	}
	end(pid);
}

static void all_processes(void)
{
	pid_t pid = start(have_many, sleep_for_ever);
	char number[16];
	FILE *said = popen("vma-explain --all --top 1", "r");

	answer[fread(answer, 1, sizeof(answer) - 1, said)] = 0;
	expect(!pclose(said));
	snprintf(number, sizeof(number), " %d ", pid);
	expect(strstr(answer, number));
	expect(strstr(answer, "access rights (mprotect)"));
	end(pid);
}

/* With /proc alone, the answer is the same as far as that is known. */
static void answer_from_smaps(void)
{
	pid_t pid = start(have_many, sleep_for_ever);

	expect(strstr(ask("--source smaps", pid), "main cause: access rights (mprotect), at "));
	expect(strstr(answer, "; without it, at least "));
	expect(strstr(answer, "\nsource: smaps, which does not show everything ("));
	end(pid);
}

static void make_guards(void)
{
	char *memory = mmap(NULL, MANY * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < MANY; i += 2) {
		mprotect(memory + i * page, page, PROT_NONE);
		usleep(1000);
	}
	sleep_for_ever();
}

static void trace_names_the_caller(void)
{
	pid_t pid = start(nothing, make_guards);

	ask("trace --seconds 3", pid);
	expect(strstr(answer, "mprotect(PROT_NONE)\n"));
	expect(strstr(answer, " make_guards ("));
	expect(!strstr(answer, "incomplete"));
	end(pid);
}

static const struct test tests[] = {
	test(many_vmas),
	test(one_that_exits_meanwhile),
	test(one_that_changes_all_the_time),
	test(many_at_once),
	test(all_processes),
	test(answer_from_smaps),
	test(trace_names_the_caller),
};

int main(void)
{
	set_max_map_count(4 * MANY);
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
