// SPDX-License-Identifier: GPL-2.0
/*
 * What debugfs does to a real process: this one. Wherever a system call means
 * the same, a twin mapping goes through that system call, and the two have to
 * look alike afterwards.
 *
 * Prints how many tests there are, then "ok NAME" or "not ok NAME" for each, with
 * the reasons above the latter.
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CTL "/sys/kernel/debug/rust_vma/ctl"
#define MAPS "/sys/kernel/debug/rust_vma/maps"
#define MAX_MAP_COUNT "/proc/sys/vm/max_map_count"

/* Two places for twin mappings, with room around them. */
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
static char outcome[16384];
static bool failed;

/* Says why the test has failed. */
#define complain(...) (printf("  " __VA_ARGS__), puts(""), failed = true)

#define expect(condition)                                                      \
	do {                                                                   \
		if (!(condition))                                              \
			complain("line %d: not so: %s (outcome: %s)",          \
				 __LINE__, #condition, outcome);               \
	} while (0)

static void *must_map(char *addr, size_t pages, int flags, int fd)
{
	char *got = mmap(addr, pages * page, PROT_READ | PROT_WRITE,
			 flags | MAP_FIXED, fd, 0);

	if (got != addr) {
		perror("mmap");
		exit(2);
	}
	return got;
}

static void read_all(int fd, char *buffer, size_t size)
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

/* Writes to a file; 0 or the errno. What ctl says then is in outcome. */
static int write_to(const char *file, const char *bytes, size_t length)
{
	int fd = open(file, O_WRONLY), error = 0, reader;

	if (fd < 0)
		return errno;
	if (write(fd, bytes, length) != (ssize_t)length)
		error = errno;
	close(fd);

	reader = open(CTL, O_RDONLY);
	read_all(reader, outcome, sizeof(outcome));
	close(reader);
	return error;
}

/* Gives a command; 0 or the errno. */
#define ctl(...)                                                               \
	(snprintf(command, sizeof(command), __VA_ARGS__),                      \
	 write_to(CTL, command, strlen(command)))

/* flags on some pages from OURS on. */
static int set_flags(size_t first, size_t last, const char *change)
{
	return ctl("flags %d %lx %lx %s\n", getpid(),
		   (unsigned long)(OURS + first * page),
		   (unsigned long)(OURS + last * page), change);
}

/* What smaps says of the VMAs from base on: a line each, "pages flags". */
static void describe(char *base, char *text, size_t size)
{
	unsigned long start = 0, end = 0, new_start, new_end;
	FILE *smaps = fopen("/proc/self/smaps", "r");
	char line[512], *out = text;

	*text = 0;
	while (fgets(line, sizeof(line), smaps)) {
		/* "Anonymous:" begins like a number: what is half read is no use. */
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

/* Whether the VMAs in the two places look alike. */
static void expect_twins(int line)
{
	static char ours[1 << 16], twin[1 << 16];

	describe(OURS, ours, sizeof(ours));
	describe(TWIN, twin, sizeof(twin));
	if (!*ours || strcmp(ours, twin))
		complain("line %d: not alike\nours:\n%s\ntwin:\n%s", line, ours, twin);
}

static int count_vmas(void)
{
	static char text[1 << 16];
	int count = 0;

	describe(OURS, text, sizeof(text));
	for (char *c = text; *c; c++)
		count += *c == '\n';
	return count;
}

static void map_twins(size_t pages, int flags, int fd)
{
	must_map(OURS, pages, flags, fd);
	must_map(TWIN, pages, flags, fd);
}

static void unmap_twins(void)
{
	munmap(OURS, 1UL << 32);
	munmap(TWIN, 1UL << 32);
}

static void splits_and_merges(void)
{
	must_map(OURS, 16, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(OURS, 1, 16 * page);
	expect(count_vmas() == 1);

	expect(set_flags(4, 8, "+dontfork") == 0);
	expect(strstr(outcome, "split at both ends: it touches neither end of its VMA"));
	expect(count_vmas() == 3);

	expect(set_flags(4, 8, "+dontfork") == 0);
	expect(strstr(outcome, "unchanged"));
	expect(count_vmas() == 3);

	expect(set_flags(0, 2, "+dontfork") == 0);
	expect(strstr(outcome, "split at its end"));
	expect(set_flags(2, 4, "+dontfork") == 0);
	expect(strstr(outcome, "merged both"));
	expect(set_flags(0, 4, "-dontfork") == 0);
	expect(strstr(outcome, "split at its end"));
	expect(set_flags(4, 6, "-dontfork") == 0);
	expect(strstr(outcome, "merged left"));
	expect(set_flags(7, 8, "-dontfork") == 0);
	expect(strstr(outcome, "merged right"));
	expect(set_flags(6, 7, "-dontfork") == 0);
	expect(strstr(outcome, "merged both"));
	expect(count_vmas() == 1);
}

static void several_vmas_at_once(void)
{
	must_map(OURS, 12, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(set_flags(2, 4, "+seq") == 0);
	expect(set_flags(6, 8, "+dontdump") == 0);
	expect(count_vmas() == 5);
	expect(set_flags(1, 11, "+dontfork") == 0);
	expect(strstr(outcome, "done:"));
	expect(set_flags(0, 12, "-dontfork -seq -dontdump") == 0);
	expect(count_vmas() == 1);
}

/* Does a change both ways: through ctl on ours, through madvise on the twin. */
static void change_twins(size_t first, size_t last, unsigned int which)
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

static void like_madvise(int mapping, int fd)
{
	map_twins(64, mapping, fd);
	srandom(1);
	for (int step = 0; step < 300 && !failed; step++) {
		size_t first = random() % 64;
		size_t last = first + 1 + random() % (64 - first);

		/* Some pages are touched, so that some VMAs have an anon_vma. */
		if (random() % 4 == 0) {
			OURS[first * page] = 1;
			TWIN[first * page] = 1;
		}
		change_twins(first, last, random());
		expect_twins(__LINE__);
	}
}

static void like_madvise_anonymous(void)
{
	like_madvise(MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void like_madvise_private(void)
{
	int fd = memfd_create("private", 0);

	expect(ftruncate(fd, 64 * page) == 0);
	like_madvise(MAP_PRIVATE, fd);
	close(fd);
}

static void like_madvise_shared(void)
{
	int fd = memfd_create("shared", 0);

	expect(ftruncate(fd, 64 * page) == 0);
	like_madvise(MAP_SHARED, fd);
	close(fd);
}

/*
 * A private mapping of a file that was written to and then moved: its file offset
 * goes on where the next mapping begins, but its copies are found at the address
 * that they had before.
 */
static void map_moved_private(char *base, int fd)
{
	char *elsewhere = base + 1024 * page;

	must_map(elsewhere, 4, MAP_PRIVATE, fd);
	elsewhere[0] = 1;
	expect(mremap(elsewhere, 4 * page, 4 * page, MREMAP_MAYMOVE | MREMAP_FIXED,
		      base) == base);
	expect(mmap(base + 4 * page, 4 * page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_FIXED, fd, 4 * page) == base + 4 * page);
}

static void moved_private_as_madvise(void)
{
	int fd = memfd_create("private", 0);

	expect(ftruncate(fd, 8 * page) == 0);
	map_moved_private(OURS, fd);
	map_moved_private(TWIN, fd);
	expect(count_vmas() == 2);
	change_twins(0, 4, 0);
	change_twins(4, 8, 0);
	expect_twins(__LINE__);
	expect(count_vmas() == 2);
	expect(strstr(outcome, "anonymous page offsets do not continue"));
	close(fd);
}

static void sealed_as_madvise(void)
{
	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(syscall(SYS_mseal, OURS + 2 * page, 4 * page, 0) == 0);
	expect(syscall(SYS_mseal, TWIN + 2 * page, 4 * page, 0) == 0);
	for (unsigned int which = 0; which < 7; which++) {
		change_twins(1, 5, which);
		expect_twins(__LINE__);
	}
	/* Sealed memory cannot be unmapped: leave it where no other test is. */
}

static void special_as_madvise(void)
{
	unsigned long start, end;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	bool found = false;

	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "[vdso]") || sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		found = true;
		expect(madvise((void *)start, end - start, MADV_DODUMP) && errno == EINVAL);
		expect(ctl("flags %d %lx %lx -dontdump", getpid(), start, end) == EINVAL);
		expect(strstr(outcome, "refused (EINVAL)") && strstr(outcome, "special"));
		expect(madvise((void *)start, end - start, MADV_DOFORK) && errno == EINVAL);
		expect(ctl("flags %d %lx %lx -dontfork", getpid(), start, end) == EINVAL);
		expect(madvise((void *)start, end - start, MADV_SEQUENTIAL) == 0);
		expect(ctl("flags %d %lx %lx +seq", getpid(), start, end) == 0);
		expect(strstr(outcome, "unchanged"));
		expect(ctl("flags %d %lx %lx -seq", getpid(), start, end) == 0);
		expect(strstr(outcome, "1 changed whole"));
	}
	fclose(maps);
	expect(found);
}

static void droppable_as_madvise(void)
{
	map_twins(4, MAP_DROPPABLE | MAP_ANONYMOUS, -1);
	for (unsigned int which = 0; which < 7; which++) {
		change_twins(1, 3, which);
		expect_twins(__LINE__);
	}
}

/* Refused, with that errno and a sentence with these words; nothing changes. */
static void expect_refusal(int error, int errno_wanted, const char *words, int line)
{
	if (error != errno_wanted)
		complain("line %d: errno %d, not %d (outcome: %s)", line, error,
			 errno_wanted, outcome);
	if (!strstr(outcome, words) || strncmp(outcome, "refused (", 9) ||
	    !strstr(outcome, "nothing has changed"))
		complain("line %d: no '%s' in: %s", line, words, outcome);
	expect_twins(line);
}

static void bad_input(void)
{
	unsigned long start = (unsigned long)OURS, end = start + 8 * page;
	char overlong[300];
	int me = getpid();

	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	munmap(OURS + 4 * page, page);
	munmap(TWIN + 4 * page, page);
#define refused(call, number, words) expect_refusal(call, number, words, __LINE__)
	refused(ctl("frobnicate\n"), EINVAL, "no verb 'frobnicate'");
	refused(ctl("\n"), EINVAL, "empty");
	refused(ctl("flags x %lx %lx +dontfork", start, end), EINVAL, "'x'");
	refused(ctl("flags -1 %lx %lx +dontfork", start, end), EINVAL, "'-1'");
	refused(ctl("flags 0 %lx %lx +dontfork", start, end), EINVAL, "'0'");
	refused(ctl("flags 999999 %lx %lx +dontfork", start, end), ESRCH, "999999");
	refused(ctl("flags 2 %lx %lx +dontfork", start, end), EINVAL, "kernel thread");
	refused(ctl("flags %d %lx %lx +dontfork", me, start + 1, end), EINVAL, "page size");
	refused(ctl("flags %d %lx %lx +dontfork", me, start, end - 1), EINVAL, "page size");
	refused(ctl("flags %d %lx %lx +dontfork", me, end, start), EINVAL, "reversed");
	refused(ctl("flags %d %lx %lx +dontfork", me, start, start), EINVAL, "empty");
	refused(ctl("flags %d zzz %lx +dontfork", me, end), EINVAL, "'zzz'");
	refused(ctl("flags %d %lx %lx dontfork", me, start, end), EINVAL, "'dontfork'");
	refused(ctl("flags %d %lx %lx", me, start, end), EINVAL, "change is missing");
	refused(ctl("flags %d %lx %lx +dontfork\n\n", me, start, end), EINVAL, "second line");
	refused(ctl("flags %d %lx %lx +dontfork", me, start, end), ENOMEM, "nothing is mapped");
	refused(ctl("flags %d %lx %lx +dontfork", me, start - page, start + page), ENOMEM,
		"nothing is mapped");
	refused(ctl("flags %d ffffffffffff0000 fffffffffffff000 +dontfork", me), ENOMEM,
		"nothing is mapped");
	refused(write_to(CTL, "flags \xff\xfe", 8), EILSEQ, "UTF-8");
	memset(overlong, 'x', sizeof(overlong));
	refused(write_to(CTL, overlong, sizeof(overlong)), E2BIG, "300 bytes");
	refused(write_to(MAPS, "999999\n", 7), ESRCH, "999999");
	refused(write_to(MAPS, "2\n", 2), EINVAL, "kernel thread");
	refused(write_to(MAPS, "me\n", 3), EINVAL, "'me'");
	refused(write_to(MAPS, overlong, sizeof(overlong)), E2BIG, "300 bytes");
#undef refused
}

static void exiting_process(void)
{
	pid_t child = fork();
	siginfo_t info;

	if (!child)
		_exit(0);
	/* It stays a zombie until it is waited for. */
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	expect(ctl("flags %d 1000 2000 +dontfork", child) == ESRCH);
	expect(strstr(outcome, "exiting"));
	waitpid(child, NULL, 0);
	expect(ctl("flags %d 1000 2000 +dontfork", child) == ESRCH);
	expect(strstr(outcome, "no process"));
}

static void another_process(void)
{
	int ready[2];
	pid_t child;
	char byte;

	expect(pipe(ready) == 0);
	child = fork();
	if (!child) {
		must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	expect(read(ready[0], &byte, 1) == 1);
	expect(ctl("flags %d %lx %lx +dontfork", child, (unsigned long)(OURS + page),
		   (unsigned long)(OURS + 2 * page)) == 0);
	expect(strstr(outcome, "split at both ends"));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

/* In a pid namespace of its own, the child is process 1 and its parent nobody. */
static void pid_namespace(void)
{
	pid_t parent = getpid(), child;
	int status = -1;

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	child = fork();
	if (!child) {
		pid_t inner;

		if (unshare(CLONE_NEWPID))
			_exit(2);
		inner = fork();
		if (!inner) {
			expect(getpid() == 1);
			expect(ctl("flags %d 1000 2000 +seq", parent + 1000) == ESRCH);
			expect(set_flags(1, 2, "+dontfork") == 0);
			expect(count_vmas() == 3);
			fflush(stdout);
			_exit(failed);
		}
		waitpid(inner, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
	}
	waitpid(child, &status, 0);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	/* It was the child's copy that was split. */
	expect(count_vmas() == 1);
}

static int set_max_map_count(int count)
{
	FILE *file = fopen(MAX_MAP_COUNT, "r+");
	int before = 0;

	if (fscanf(file, "%d", &before) != 1)
		exit(2);
	rewind(file);
	fprintf(file, "%d\n", count);
	fclose(file);
	return before;
}

static int count_all_vmas(void)
{
	static char text[1 << 18];
	int fd = open("/proc/self/maps", O_RDONLY), count = 0;

	read_all(fd, text, sizeof(text));
	close(fd);
	for (char *c = text; *c; c++)
		count += *c == '\n';
	return count;
}

/* The limit strikes half way: what was done stays, and is told. */
static void limit_half_way(void)
{
	int before, error;

	must_map(OURS, 12, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(set_flags(4, 8, "+dontdump") == 0);
	expect(count_vmas() == 3);
	/* Each of the three needs a split or two; there is room for one. */
	before = set_max_map_count(count_all_vmas() + 1);
	error = set_flags(2, 10, "+dontfork");
	set_max_map_count(before);
	expect(error == ENOMEM);
	expect(strstr(outcome, "stopped (ENOMEM)") && strstr(outcome, "vm.max_map_count"));
	expect(strstr(outcome, "700000002000-700000004000 split at its start"));
	expect(strstr(outcome, "700000004000-700000008000 changed"));
	expect(!strstr(outcome, "700000008000-70000000a000 split"));
	expect(count_vmas() == 4);
}

/* A part in the middle needs two splits; if there is room for one, that remains. */
static void room_for_one_split_of_two(void)
{
	int before, error;

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	before = set_max_map_count(count_all_vmas() + 1);
	error = set_flags(2, 4, "+dontfork");
	set_max_map_count(before);
	expect(error == ENOMEM);
	expect(strstr(outcome, "stopped (ENOMEM)") && !strstr(outcome, "nothing has changed"));
	expect(strstr(outcome, "was split at its start, but could not be at its end"));
	expect(count_vmas() == 2);
}

static void no_room_to_split(void)
{
	int before, error;

	map_twins(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	before = set_max_map_count(count_all_vmas());
	error = set_flags(1, 2, "+dontfork");
	set_max_map_count(before);
	expect_refusal(error, ENOMEM, "vm.max_map_count", __LINE__);
}

/* The ranges and permissions in maps are those of /proc/self/maps. */
static void compare_maps(void)
{
	static char ours[1 << 20], theirs[1 << 20];
	char *our_line, *their_line, *our_rest, *their_rest;
	unsigned long start, end, other_start, other_end;
	char permissions[5], other_permissions[5];
	int fd = open(MAPS, O_RDONLY);

	read_all(fd, ours, sizeof(ours));
	close(fd);
	fd = open("/proc/self/maps", O_RDONLY);
	read_all(fd, theirs, sizeof(theirs));
	close(fd);

	our_line = strtok_r(ours, "\n", &our_rest);
	their_line = strtok_r(theirs, "\n", &their_rest);
	for (; our_line && their_line; our_line = strtok_r(NULL, "\n", &our_rest),
	     their_line = strtok_r(NULL, "\n", &their_rest)) {
		/* x86's vsyscall page is not a VMA. */
		if (sscanf(our_line, "%lx-%lx %4s", &start, &end, permissions) != 3 ||
		    sscanf(their_line, "%lx-%lx %4s", &other_start, &other_end,
			   other_permissions) != 3 ||
		    start != other_start || end != other_end ||
		    strcmp(permissions, other_permissions)) {
			complain("'%s' and '%s' differ", our_line, their_line);
			return;
		}
	}
	if (our_line || (their_line && !strstr(their_line, "[vsyscall]")))
		complain("one of the lists is longer: '%s' '%s'",
			 our_line ? our_line : "", their_line ? their_line : "");
}

/* As many VMAs as it takes to need several pieces. */
static void maps_of_many(void)
{
	char pid[16];

	must_map(OURS, 2000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 2000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	sprintf(pid, "%d", getpid());
	expect(write_to(MAPS, pid, strlen(pid)) == 0);
	compare_maps();
}

static void many_vmas_at_once(void)
{
	must_map(OURS, 2000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 2000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	expect(set_flags(0, 2000, "+dontdump") == 0);
	expect(strstr(outcome, "0 merged, 0 split, 2000 changed whole"));
	expect(strstr(outcome, "more VMAs are not listed"));
	expect(set_flags(0, 2000, "-dontfork") == 0);
	expect(count_vmas() == 1);
}

static void read_byte_by_byte(void)
{
	char text[sizeof(outcome)];
	size_t length = 0;
	int fd = open(CTL, O_RDONLY);

	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(set_flags(1, 2, "+dontfork") == 0);
	while (length < sizeof(text) - 1 && read(fd, text + length, 1) == 1)
		length++;
	text[length] = 0;
	close(fd);
	expect(length > 40 && !strcmp(text, outcome));
}

/* A reader that has written gets the outcome of that, whatever others do. */
static void own_outcome(void)
{
	int fd = open(CTL, O_RDWR);
	char text[sizeof(outcome)];

	expect(write(fd, "mine", 4) == -1 && errno == EINVAL);
	expect(ctl("theirs") == EINVAL);
	read_all(fd, text, sizeof(text));
	expect(strstr(text, "'mine'"));
	expect(strstr(outcome, "'theirs'"));
	/* Written again, it is read from the start. */
	expect(write(fd, "again", 5) == -1 && errno == EINVAL);
	read_all(fd, text, sizeof(text));
	expect(strstr(text, "'again'"));
	close(fd);
}

static void module_stays_while_open(void)
{
	int fd = open(MAPS, O_RDONLY);

	expect(fd >= 0);
	expect(syscall(SYS_delete_module, "rust_vma", O_NONBLOCK) == -1 &&
	       errno == EWOULDBLOCK);
	close(fd);
}

static void only_root_may(void)
{
	struct stat status;

	expect(stat(CTL, &status) == 0 && (status.st_mode & 07777) == 0600);
	expect(stat(MAPS, &status) == 0 && (status.st_mode & 07777) == 0600);
}

static void contents_stay(void)
{
	must_map(OURS, 64, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 64; i++)
		OURS[i * page] = i + 1;
	srandom(2);
	for (int step = 0; step < 300; step++) {
		const char *change = random() % 2 ? "+dontfork" : "-dontfork";
		size_t first = random() % 64;
		size_t last = first + 1 + random() % (64 - first);

		set_flags(first, last, change);
	}
	for (size_t i = 0; i < 64; i++)
		expect(OURS[i * page] == (char)(i + 1));
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
#define test(name) { #name, name }
	/* The first one: nobody has written to maps yet. */
	{ "maps_of_the_reader", compare_maps },
	test(only_root_may),
	test(module_stays_while_open),
	test(splits_and_merges),
	test(several_vmas_at_once),
	test(many_vmas_at_once),
	test(like_madvise_anonymous),
	test(like_madvise_private),
	test(like_madvise_shared),
	test(moved_private_as_madvise),
	test(special_as_madvise),
	test(droppable_as_madvise),
	test(contents_stay),
	test(bad_input),
	test(exiting_process),
	test(another_process),
	test(pid_namespace),
	test(no_room_to_split),
	test(room_for_one_split_of_two),
	test(limit_half_way),
	test(maps_of_many),
	test(read_byte_by_byte),
	test(own_outcome),
	/* The last one: what is sealed stays. */
	test(sealed_as_madvise),
};

int main(void)
{
	size_t count = sizeof(tests) / sizeof(*tests);
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
