// SPDX-License-Identifier: GPL-2.0
/*
 * Slab levels: after hundreds of valid and invalid commands and reads, the kernel has as
 * many objects of each kind as before.
 */
#include "harness.h"
#include "twin.h"
#include "subject.h"
#include "fail_nth.h"
#include <dirent.h>

#define SLABS "/sys/kernel/slab/"

/* The caches that are counted, in addition to those of kmalloc(). */
static const char *const counted[] = {
	"pid", "task_struct", "mm_struct", "vm_area_struct", "maple_node", "anon_vma",
	"anon_vma_chain", "numa_policy", "filp", "userfaultfd_ctx_cache", "signal_cache",
	"sighand_cache", "files_cache",
};

#define MOST_CACHES 160

static struct cache {
	const char *name;
	long before;
} caches[MOST_CACHES];

static size_t cache_count;

static void find_caches(void)
{
	DIR *folder = opendir(SLABS);
	struct dirent *entry;

	cache_count = 0;
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
		caches[cache_count++].name = counted[i];
	while ((entry = readdir(folder)) && cache_count < MOST_CACHES)
		if (!strncmp(entry->d_name, "kmalloc-", 8))
			caches[cache_count++].name = strdup(entry->d_name);
	closedir(folder);
	expect(cache_count > 30 && cache_count < MOST_CACHES);
}

/* Returns the number of objects of a cache that are in use, without the per-CPU caches. */
static long objects_in(const char *cache)
{
	char path[128];
	long count = -1;
	FILE *file;

	snprintf(path, sizeof(path), SLABS "%s/shrink", cache);
	file = fopen(path, "w");
	if (!file || fputs("1", file) < 0 || fclose(file))
		complain("cannot shrink %s", cache);
	snprintf(path, sizeof(path), SLABS "%s/objects", cache);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%ld", &count) != 1)
		complain("cannot count %s", cache);
	if (file)
		fclose(file);
	return count;
}

/*
 * Returns the number of pages of all caches, and of allocations that are too large for
 * any cache.
 */
static long pages_of_slabs(void)
{
	FILE *file = fopen("/proc/vmstat", "r");
	long count = -1;
	char line[128];

	while (fgets(line, sizeof(line), file))
		sscanf(line, "nr_slab_unreclaimable %ld", &count);
	fclose(file);
	return count;
}

/* Compares the counts with those before. One leaked object per round exceeds the tolerance. */
static bool are_level(int times, long pages, bool says_so)
{
	bool level = true;

	for (size_t i = 0; i < cache_count; i++) {
		long now = objects_in(caches[i].name);

		if (now < caches[i].before + times * 3 / 4)
			continue;
		level = false;
		if (says_so)
			complain("%s: %ld objects, and %ld before %d times", caches[i].name, now,
				 caches[i].before, times);
	}
	if (pages_of_slabs() >= pages + times * 2) {
		level = false;
		if (says_so)
			complain("%ld pages of slabs, and %ld before %d times", pages_of_slabs(),
				 pages, times);
	}
	return level;
}

/* Counts before and after this many rounds. Returns whether the counts are level. */
static bool stays_level(void (*once)(void), int times, bool says_so)
{
	bool level = false;
	long pages;

	/* Frees that wait for RCU would raise the first counts, and hide a leak. */
	sleep(2);
	for (size_t i = 0; i < cache_count; i++)
		caches[i].before = objects_in(caches[i].name);
	pages = pages_of_slabs();
	for (int i = 0; i < times && !failed; i++)
		once();
	for (int i = 0; i < 25 && !level; i++) {
		usleep(200000);
		level = are_level(times, pages, says_so && i == 24);
	}
	return level;
}

/* Expects as many objects as before. The kernel may allocate meanwhile, but a leak occurs again. */
static void expect_level(void (*once)(void), int times)
{
	find_caches();
	for (int i = 0; i < 20; i++)
		once();
	if (!stays_level(once, times, false) && !stays_level(once, times, false))
		stays_level(once, times, true);
}

/* Starts a process, gives every command about it, reads every file, and ends it. */
static void all_commands(void)
{
	start_subject();
	for (size_t i = 0; i < KINDS; i++)
		command_of_kind(i);
	for (size_t i = 0; i < READABLE; i++)
		look_at_subject(i);
	end_subject();
}

static void commands_are_level(void)
{
	mount_ours();
	expect_level(all_commands, 100);
	expect_gone("all commands", __LINE__);
}

static int failing_commands;

/*
 * Makes the nth allocation of a command fail. Returns false if the command succeeds or
 * makes fewer allocations.
 */
static bool command_fails(int ctl_file, size_t which, int nth)
{
	bool has_failed;
	int error;

	snprintf(command, sizeof(command), kinds[which].line, subject);
	has_failed = with_failure(nth, error = result_of(write(ctl_file, command,
							       strlen(command))));
	read_all(ctl_file, outcome, sizeof(outcome));
	if (error != ENOMEM && error != (kinds[which].error_of_ctl ?: kinds[which].error))
		complain("%s: allocation %d: errno %d: %s", command, nth, error, outcome);
	failing_commands += has_failed;
	/* A command that does not need the allocation has succeeded, and ends its turn. */
	return has_failed && error;
}

/* Gives each command with each of its allocations failing in turn, and then with none. */
static void commands_without_memory(void)
{
	int ctl_file = open(CTL, O_RDWR);

	start_subject();
	for (size_t i = 0; i < KINDS && !failed; i++) {
		int nth = 1;

		while (nth < 100 && !failed && command_fails(ctl_file, i, nth))
			nth++;
		expect(nth < 100);
	}
	end_subject();
	close(ctl_file);
}

static void commands_without_memory_are_level(void)
{
	make_failures_possible();
	failing_commands = 0;
	mount_ours();
	expect_level(commands_without_memory, 50);
	/* A command makes more than three allocations, besides those that it does not need. */
	expect(failing_commands > 50 * 3 * (int)KINDS);
	expect_gone("commands without memory", __LINE__);
	printf("  %d allocations failed\n", failing_commands);
}

/* Gives commands about a zombie and a kernel thread, which have no address space. */
static void fruitless_commands(void)
{
	siginfo_t info;
	pid_t child = fork();

	if (!child)
		_exit(0);
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	expect(ctl("split %d 1000", child) == ESRCH);
	snprintf(command, sizeof(command), "%d", child);
	for (size_t i = 0; i < READABLE; i++) {
		char path[128];

		snprintf(path, sizeof(path), FOLDER "%s", readable[i]);
		expect(write_to(path, command, strlen(command)) == ESRCH);
		expect(write_to(path, "2", 1) == EINVAL);
	}
	waitpid(child, NULL, 0);
	/* Process 2 is a kernel thread. */
	expect(ctl("split 2 1000") == EINVAL);
	expect(ctl("nonsense") == EINVAL);
}

static void fruitless_commands_are_level(void)
{
	expect_level(fruitless_commands, 100);
}

/* Opens each file, reads from it, and writes a line that it refuses. */
static void all_files(void)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;

	while ((entry = readdir(folder))) {
		char path[512], byte;
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), FOLDER "%s", entry->d_name);
		fd = open(path, O_RDWR);
		expect(read(fd, &byte, 1) >= 0);
		expect(write(fd, "nonsense that is refused", 24) == -1);
		expect(read(fd, outcome, sizeof(outcome)) >= 0 || errno == ESRCH);
		close(fd);
	}
	closedir(folder);
	/* The outcome of several lines takes more room. */
	expect(ctl("nonsense\nnonsense\n") == EINVAL);
}

static void files_are_level(void)
{
	/* The process that was chosen before has ended. */
	subject = getpid();
	for (size_t i = 0; i < READABLE; i++)
		close(choose_subject(readable[i]));
	expect_level(all_files, 100);
}

static const struct test tests[] = {
	test(commands_are_level),
	test(commands_without_memory_are_level),
	test(fruitless_commands_are_level),
	test(files_are_level),
};

int main(void)
{
	open_pipe();
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
