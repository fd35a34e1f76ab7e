/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The harness of the tests of debugfs. The process that is changed is the test itself.
 * Wherever a system call has the same meaning, a twin mapping is changed through that
 * system call, and the two have to look alike afterwards.
 *
 * A test program prints the number of its tests, then "ok NAME" or "not ok NAME" for each
 * of them, with the reasons above the latter.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CTL "/sys/kernel/debug/rust_vma/ctl"
#define PLAN "/sys/kernel/debug/rust_vma/plan"
#define MAPS "/sys/kernel/debug/rust_vma/maps"
#define MAX_MAP_COUNT "/proc/sys/vm/max_map_count"

/* The places of two twin mappings, with room around them. */
#define OURS ((char *)0x700000000000UL)
#define TWIN ((char *)0x710000000000UL)

#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif
#ifndef SYS_mseal
#define SYS_mseal 462
#endif

static size_t page;
static char command[512];
static char outcome[32768];
static bool failed;

/* Prints why the test has failed. */
#define complain(...) (printf("  " __VA_ARGS__), puts(""), failed = true)

#define expect(condition)                                                      \
	do {                                                                   \
		if (!(condition))                                              \
			complain("line %d: not so: %s (outcome: %s)",          \
				 __LINE__, #condition, outcome);               \
	} while (0)

static inline void *must_map(char *addr, size_t pages, int flags, int fd)
{
	char *got = mmap(addr, pages * page, PROT_READ | PROT_WRITE,
			 flags | MAP_FIXED, fd, 0);

	if (got != addr) {
		perror("mmap");
		exit(2);
	}
	return got;
}

static inline void read_all(int fd, char *buffer, size_t size)
{
	size_t done = 0;
	ssize_t got;

	while (done < size - 1) {
		got = read(fd, buffer + done, size - 1 - done);
		if (got <= 0)
			break;
		done += got;
	}
	buffer[done] = 0;
}

/* Starts a child that calls @act and then waits to be killed. */
static inline pid_t start_child(void (*act)(const void *argument), const void *argument)
{
	int ends[2];
	pid_t pid;
	char byte;

	expect(!pipe(ends));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		act(argument);
		if (write(ends[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	expect(read(ends[0], &byte, 1) == 1);
	close(ends[0]);
	return pid;
}

static inline void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	expect(waitpid(pid, NULL, 0) == pid);
}

/* Writes to a file, then reads another file into outcome. Returns 0 or the errno. */
static inline int write_and_read(const char *file, const char *bytes, size_t length,
				 const char *other)
{
	int fd = open(file, O_WRONLY), error = 0, reader;

	if (fd < 0)
		return errno;
	if (write(fd, bytes, length) != (ssize_t)length)
		error = errno;
	close(fd);

	reader = open(other, O_RDONLY);
	read_all(reader, outcome, sizeof(outcome));
	close(reader);
	return error;
}

/* Writes a question to a file, then reads its answer into outcome. Returns 0 or the errno. */
static inline int ask_file(const char *file, const char *bytes, size_t length)
{
	return write_and_read(file, bytes, length, file);
}

/* Writes to a file, then reads ctl into outcome. Returns 0 or the errno. */
static inline int write_to(const char *file, const char *bytes, size_t length)
{
	return write_and_read(file, bytes, length, CTL);
}

/* Gives a command. Returns 0 or the errno. */
#define ctl(...)                                                               \
	(snprintf(command, sizeof(command), __VA_ARGS__),                      \
	 write_to(CTL, command, strlen(command)))

/*
 * Expects that a table has a row for each verb of ctl. The rows begin with the text of a
 * command.
 */
static inline void expect_every_verb(const void *rows, size_t count, size_t size)
{
	static const char before[] = "the verbs are: ";
	char verbs[256], *verb, *rest;

	expect(ctl("?\n") == EINVAL);
	verb = strstr(outcome, before);
	if (!verb) {
		complain("ctl does not tell its verbs: %s", outcome);
		return;
	}
	snprintf(verbs, sizeof(verbs), "%s", verb + strlen(before));
	verbs[strcspn(verbs, ";")] = 0;
	for (verb = strtok_r(verbs, ",\n ", &rest); verb; verb = strtok_r(NULL, ",\n ", &rest)) {
		bool found = false;

		for (size_t i = 0; i < count; i++) {
			const char *row = *(const char *const *)((const char *)rows + i * size);

			found |= !strncmp(row, verb, strlen(verb)) &&
				 (!row[strlen(verb)] || row[strlen(verb)] == ' ');
		}
		if (!found)
			complain("the table has no row for the verb %s", verb);
	}
}

/* Changes the flags of some pages from OURS on. */
static inline int set_flags(size_t first, size_t last, const char *change)
{
	return ctl("flags %d %lx %lx %s\n", getpid(),
		   (unsigned long)(OURS + first * page),
		   (unsigned long)(OURS + last * page), change);
}

/* Describes the VMAs from base on as smaps does: one line each, "pages flags". */
static inline void describe(char *base, char *text, size_t size)
{
	unsigned long start = 0, end = 0, new_start, new_end;
	FILE *smaps = fopen("/proc/self/smaps", "r");
	char line[512], *out = text;

	*text = 0;
	while (fgets(line, sizeof(line), smaps)) {
		/*
		 * "Anonymous:" begins with a hexadecimal digit, so a partial match is not
		 * a range.
		 */
		if (sscanf(line, "%lx-%lx ", &new_start, &new_end) == 2) {
			start = new_start;
			end = new_end;
			continue;
		}
		if (strncmp(line, "VmFlags:", 8) || (char *)start < base ||
		    (char *)start >= base + (1UL << 32))
			continue;
		out += snprintf(out, text + size - out, "%lu-%lu%s",
				(unsigned long)((char *)start - base) / page,
				(unsigned long)((char *)end - base) / page,
				line + 8);
	}
	fclose(smaps);
}

/* Expects that the VMAs in the two places look alike. */
static inline void expect_twins(int line)
{
	static char ours[1 << 16], twin[1 << 16];

	describe(OURS, ours, sizeof(ours));
	describe(TWIN, twin, sizeof(twin));
	if (!*ours || strcmp(ours, twin))
		complain("line %d: not alike\nours:\n%s\ntwin:\n%s", line, ours, twin);
}

static inline int count_vmas(void)
{
	static char text[1 << 16];
	int count = 0;

	describe(OURS, text, sizeof(text));
	for (char *c = text; *c; c++)
		count += *c == '\n';
	return count;
}

static inline void map_twins(size_t pages, int flags, int fd)
{
	must_map(OURS, pages, flags, fd);
	must_map(TWIN, pages, flags, fd);
}

static inline void unmap_twins(void)
{
	munmap(OURS, 1UL << 32);
	munmap(TWIN, 1UL << 32);
}

/* Makes a change in two ways: through ctl on ours, and through madvise on the twin. */
static inline void change_twins(size_t first, size_t last, unsigned int which)
{
	static const struct {
		const char *change;
		int advice;
	} changes[] = {
		{ "+dontfork", MADV_DONTFORK },
		{ "-dontfork", MADV_DOFORK },
		{ "+dontdump", MADV_DONTDUMP },
		{ "-dontdump", MADV_DODUMP },
		{ "+seq", MADV_SEQUENTIAL },
		{ "+rand", MADV_RANDOM },
		{ "-seq -rand", MADV_NORMAL },
	};
	int error, twin_error;

	which %= sizeof(changes) / sizeof(*changes);
	error = set_flags(first, last, changes[which].change);
	twin_error = madvise(TWIN + first * page, (last - first) * page,
			     changes[which].advice) ? errno : 0;
	if (error != twin_error)
		complain("%s on %zu-%zu: errno %d, madvise %d (outcome: %s)",
			 changes[which].change, first, last, error, twin_error, outcome);
}

/* Sets vm.max_map_count without any change to the VMAs. Returns the previous limit. */
static inline int set_max_map_count(int count)
{
	int fd = open(MAX_MAP_COUNT, O_RDWR), before;
	char text[16];

	read_all(fd, text, sizeof(text));
	before = atoi(text);
	if (pwrite(fd, text, sprintf(text, "%d\n", count), 0) < 0)
		complain("cannot set %s", MAX_MAP_COUNT);
	close(fd);
	return before;
}

/* Returns the number of VMAs of a process. The vsyscall page is not a VMA. */
static inline int vmas_of(pid_t pid)
{
	char path[64], line[512];
	int count = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof(line), maps))
		count += !strstr(line, "[vsyscall]");
	if (maps)
		fclose(maps);
	return count;
}

struct test {
	const char *name;
	void (*run)(void);
};

#define test(name) { #name, name }

/* Runs the tests. Returns the exit status of the program. */
static inline int run_tests(const struct test *tests, size_t count)
{
	int failures = 0;

	page = sysconf(_SC_PAGESIZE);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("tests: %zu\n", count);
	for (size_t i = 0; i < count; i++) {
		failed = false;
		unmap_twins();
		tests[i].run();
		printf("%s %s\n", failed ? "not ok" : "ok", tests[i].name);
		failures += failed;
	}
	return failures > 0;
}
