// SPDX-License-Identifier: GPL-2.0
/*
 * The trace events of the kernel's own calls and of those of ctl, as tracefs shows them.
 * They have to accept filters and stack triggers, like other events.
 */
#include "harness.h"
#include "fail_nth.h"
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#define ENGINE "/sys/kernel/debug/rust_vma/engine"
#define TRACING "/sys/kernel/tracing/"
#define EVENTS TRACING "events/rust_vma/"
#define KUNIT_FILTER "/sys/module/kunit/parameters/filter_glob"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

/* Replaces the contents of a file by a word, like the shell's '>'. */
static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_TRUNC), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* Begins to trace the events of this process, and empties the trace. */
static void begin(void)
{
	char pid[16];

	sprintf(pid, "%d", getpid());
	expect(!put(TRACING "set_event_pid", pid));
	expect(!put(EVENTS "enable", "1"));
	expect(!put(TRACING "trace", ""));
}

/* Returns the trace without its comments. */
static char *read_trace(void)
{
	static char text[1 << 18];
	int fd = open(TRACING "trace", O_RDONLY);
	char *line = text;

	read_all(fd, text, sizeof(text));
	close(fd);
	while (*line == '#')
		line = strchr(line, '\n') + 1;
	return line;
}

/* Replaces all occurrences of some words. */
static void replace(char *text, const char *those, const char *other)
{
	size_t length = strlen(those), now = strlen(other);

	while ((text = strstr(text, those))) {
		memmove(text + now, text + length, strlen(text + length) + 1);
		memcpy(text, other, now);
		text += now;
	}
}

/* Replaces the numbers of a file by "file", and removes those of none. */
static void shorten_file(char *text, const char *prefix)
{
	char from[64], to[32];
	unsigned int major, minor;
	unsigned long ino;
	char *place = text;

	snprintf(from, sizeof(from), " %sdev=00:00 %sino=0", prefix, prefix);
	replace(text, from, "");
	snprintf(to, sizeof(to), " %sfile", prefix);
	snprintf(from, sizeof(from), " %sdev=", prefix);
	while ((place = strstr(place, from))) {
		char whole[96];

		if (sscanf(place + strlen(from), "%x:%x", &major, &minor) != 2 ||
		    sscanf(strstr(place, "ino="), "ino=%lu", &ino) != 1)
			complain("no file in: %s", place);
		snprintf(whole, sizeof(whole), " %sdev=%02x:%02x %sino=%lu", prefix, major, minor,
			 prefix, ino);
		replace(place, whole, to);
		place++;
	}
}

/*
 * Lists the events since begin(), one line each, from the event's name on, without the
 * usual words.
 */
static char *events(void)
{
	static char text[1 << 15];
	char *line = read_trace(), *end, *name, *out = text, mine[48];

	expect(!put(EVENTS "enable", "0"));
	*text = 0;
	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = 0;
		/* "trace_test-77 [000] .....  1.234567: vma_split: range=..." */
		name = strstr(line, ": vma_");
		if (name)
			out += snprintf(out, text + sizeof(text) - out, "%s\n", name + 2);
	}
	snprintf(mine, sizeof(mine), " pid=%d tgid=%d", getpid(), getpid());
	replace(text, mine, " mine");
	shorten_file(text, "");
	shorten_file(text, "neighbour_");
	replace(text, " only_range= only_neighbour=\n", "\n");
	return text;
}

static void expect_events(const char *wanted, int line)
{
	const char *found = events();

	if (strcmp(found, wanted))
		complain("line %d: traced\n%snot\n%s", line, found, wanted);
}

/* Does something, and expects these events. */
#define traces(action, wanted)                                                 \
	(begin(), expect_that(action, #action, __LINE__), expect_events(wanted, __LINE__))

static void expect_that(bool so, const char *what, int line)
{
	if (!so)
		complain("line %d: not so: %s", line, what);
}

static void choose(const char *engine)
{
	expect(!put(ENGINE, engine));
}

static bool map(size_t first, size_t last, int protection)
{
	char *addr = OURS + first * page;

	return mmap(addr, (last - first) * page, protection, ANON | MAP_FIXED, -1, 0) == addr;
}

static bool protect(size_t first, size_t last, int protection)
{
	return !mprotect(OURS + first * page, (last - first) * page, protection);
}

static void calls_of_the_kernel(void)
{
	choose("rust");
	traces(map(0, 8, RW),
	       "vma_blocked: range=700000000000-700000008000 helper=vma_merge_new_range side=below blocker=not-adjacent neighbour=0-0 engine=rust mine\n"
	       "vma_blocked: range=700000000000-700000008000 helper=vma_merge_new_range side=above blocker=not-adjacent neighbour=0-0 engine=rust mine\n");
	/* The events tell why the range did not merge. */
	traces(map(8, 10, PROT_READ),
	       "vma_blocked: range=700000008000-70000000a000 helper=vma_merge_new_range side=below blocker=flags neighbour=700000000000-700000008000 engine=rust mine only_range= only_neighbour=wr,ac\n"
	       "vma_blocked: range=700000008000-70000000a000 helper=vma_merge_new_range side=above blocker=not-adjacent neighbour=0-0 engine=rust mine\n");
	traces(map(10, 11, PROT_READ),
	       "vma_blocked: range=70000000a000-70000000b000 helper=vma_merge_new_range side=above blocker=not-adjacent neighbour=0-0 engine=rust mine\n"
	       "vma_merge: range=70000000a000-70000000b000 helper=vma_merge_new_range outcome=prev-whole engine=rust mine vma=700000008000-70000000b000\n");
	traces(protect(2, 4, PROT_READ),
	       "vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=below blocker=neither-end neighbour=700000000000-700000002000 engine=rust mine\n"
	       "vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=above blocker=neither-end neighbour=700000004000-700000008000 engine=rust mine\n"
	       "vma_modify: range=700000002000-700000004000 helper=vma_modify_flags outcome=split-both engine=rust mine vma=700000002000-700000004000\n"
	       "vma_split: range=700000002000-700000004000 helper=vma_modify_flags outcome=split-both engine=rust mine vma=700000002000-700000004000\n");
	traces(protect(7, 8, PROT_READ),
	       "vma_blocked: range=700000007000-700000008000 helper=vma_modify_flags side=below blocker=rest-of-vma neighbour=700000004000-700000007000 engine=rust mine\n"
	       "vma_modify: range=700000007000-700000008000 helper=vma_modify_flags outcome=next-part engine=rust mine vma=700000007000-70000000b000\n"
	       "vma_merge: range=700000007000-700000008000 helper=vma_modify_flags outcome=next-part engine=rust mine vma=700000007000-70000000b000\n");
	traces(protect(4, 7, PROT_NONE),
	       "vma_blocked: range=700000004000-700000007000 helper=vma_modify_flags side=below blocker=flags neighbour=700000002000-700000004000 engine=rust mine only_range= only_neighbour=rd\n"
	       "vma_blocked: range=700000004000-700000007000 helper=vma_modify_flags side=above blocker=flags neighbour=700000007000-70000000b000 engine=rust mine only_range= only_neighbour=rd\n"
	       "vma_modify: range=700000004000-700000007000 helper=vma_modify_flags outcome=whole engine=rust mine vma=700000004000-700000007000\n");
	traces(protect(4, 7, PROT_READ),
	       "vma_modify: range=700000004000-700000007000 helper=vma_modify_flags outcome=both engine=rust mine vma=700000002000-70000000b000\n"
	       "vma_merge: range=700000004000-700000007000 helper=vma_modify_flags outcome=both engine=rust mine vma=700000002000-70000000b000\n");
	/* The parts below and above the hole become new VMAs. */
	traces(!munmap(OURS + 3 * page, page),
	       "vma_split: range=700000002000-700000003000 helper=__split_vma outcome=split engine=rust mine vma=700000002000-700000003000\n"
	       "vma_split: range=700000004000-70000000b000 helper=__split_vma outcome=split engine=rust mine vma=700000004000-70000000b000\n");
	/* The VMA below is one page long. */
	traces(map(3, 4, PROT_NONE),
	       "vma_blocked: range=700000003000-700000004000 helper=vma_merge_new_range side=below blocker=flags neighbour=700000002000-700000003000 engine=rust mine only_range= only_neighbour=rd\n"
	       "vma_blocked: range=700000003000-700000004000 helper=vma_merge_new_range side=above blocker=flags neighbour=700000004000-70000000b000 engine=rust mine only_range= only_neighbour=rd\n");
	choose("c");
}

/* Cuts the VMA at OURS through ctl. Returns the errno. */
static int cut(size_t at)
{
	return ctl("split %d %lx", getpid(), (unsigned long)OURS + at * page);
}

/* Merges the pairs of these pages through ctl. Returns the errno. */
static int merge_pairs(size_t first, size_t last)
{
	return ctl("merge %d %lx %lx", getpid(), (unsigned long)OURS + first * page,
		   (unsigned long)OURS + last * page);
}

static void calls_of_ctl(void)
{
	expect(map(0, 8, RW));
	traces(set_flags(6, 8, "+dontfork") == 0,
	       "vma_blocked: range=700000006000-700000008000 helper=vma_modify_flags side=below blocker=rest-of-vma neighbour=700000000000-700000006000 engine=rust mine\n"
	       "vma_blocked: range=700000006000-700000008000 helper=vma_modify_flags side=above blocker=not-adjacent neighbour=0-0 engine=rust mine\n"
	       "vma_modify: range=700000006000-700000008000 helper=vma_modify_flags outcome=split-start engine=rust mine vma=700000006000-700000008000\n"
	       "vma_split: range=700000006000-700000008000 helper=vma_modify_flags outcome=split-start engine=rust mine vma=700000006000-700000008000\n");
	/* The part above becomes the new VMA. */
	traces(cut(2) == 0,
	       "vma_split: range=700000002000-700000006000 helper=split_vma outcome=split engine=rust mine vma=700000002000-700000006000\n");
	/* A pair merges upwards. The VMA below the pair is left out, and that side has no event. */
	expect(cut(4) == 0);
	traces(merge_pairs(2, 6) == 0,
	       "vma_modify: range=700000002000-700000004000 helper=vma_modify_flags outcome=next-whole engine=rust mine vma=700000002000-700000006000\n"
	       "vma_merge: range=700000002000-700000004000 helper=vma_modify_flags outcome=next-whole engine=rust mine vma=700000002000-700000006000\n");
	traces(merge_pairs(2, 8) == 0,
	       "vma_blocked: range=700000002000-700000006000 helper=vma_modify_flags side=above blocker=flags neighbour=700000006000-700000008000 engine=rust mine only_range= only_neighbour=dc\n"
	       "vma_modify: range=700000002000-700000006000 helper=vma_modify_flags outcome=whole engine=rust mine vma=700000002000-700000006000\n");
	traces(ctl("frobnicate") == EINVAL, "");
}

/* Returns the number of VMAs, without a call that changes it. */
static int vmas(void)
{
	static char text[1 << 16];
	int fd = open("/proc/self/maps", O_RDONLY), count = 0;

	read_all(fd, text, sizeof(text));
	close(fd);
	for (char *c = text; *c; c++)
		count += *c == '\n';
	return count;
}

static void a_split_that_is_refused(void)
{
	int limit;

	choose("rust");
	expect(map(0, 8, RW));
	limit = set_max_map_count(vmas());
	traces(mprotect(OURS + page, page, PROT_READ) && errno == ENOMEM,
	       "vma_blocked: range=700000001000-700000002000 helper=vma_modify_flags side=below blocker=neither-end neighbour=700000000000-700000008000 engine=rust mine\n"
	       "vma_blocked: range=700000001000-700000002000 helper=vma_modify_flags side=above blocker=neither-end neighbour=700000000000-700000008000 engine=rust mine\n"
	       "vma_modify: range=700000001000-700000002000 helper=vma_modify_flags outcome=limit engine=rust mine vma=700000000000-700000008000\n"
	       "vma_split: range=700000001000-700000002000 helper=vma_modify_flags outcome=limit engine=rust mine vma=700000000000-700000008000\n");
	traces(cut(4) == ENOMEM,
	       "vma_split: range=700000004000-700000008000 helper=split_vma outcome=limit engine=rust mine vma=700000000000-700000008000\n");
	set_max_map_count(limit);

	/* A huge page cannot be cut, as its driver says. */
	expect(mmap(OURS, 1024 * page, RW, ANON | MAP_FIXED | MAP_HUGETLB | MAP_NORESERVE, -1, 0) ==
	       OURS);
	traces(mprotect(OURS + page, page, PROT_READ) && errno == EINVAL,
	       "vma_blocked: range=700000001000-700000002000 helper=vma_modify_flags side=below blocker=special neighbour=700000000000-700000400000 engine=rust mine file neighbour_file\n"
	       "vma_blocked: range=700000001000-700000002000 helper=vma_modify_flags side=above blocker=special neighbour=700000000000-700000400000 engine=rust mine file neighbour_file\n"
	       "vma_modify: range=700000001000-700000002000 helper=vma_modify_flags outcome=refused engine=rust mine vma=700000000000-700000400000 file\n"
	       "vma_split: range=700000001000-700000002000 helper=vma_modify_flags outcome=refused engine=rust mine vma=700000000000-700000400000 file\n");
	traces(munmap(OURS + page, page) && errno == EINVAL,
	       "vma_split: range=700000000000-700000001000 helper=__split_vma outcome=refused engine=rust mine vma=700000000000-700000400000 file\n");
	choose("c");
}

/* A call that fails for lack of memory has no event of a split or merge. */
static void without_memory(void)
{
	bool done;

	make_failures_possible();
	choose("rust");
	expect(map(0, 8, RW));
	traces(with_failure(1, done = protect(2, 4, PROT_READ)) && !done,
	       "vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=below blocker=neither-end neighbour=700000000000-700000008000 engine=rust mine\n"
	       "vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=above blocker=neither-end neighbour=700000000000-700000008000 engine=rust mine\n"
	       "vma_modify: range=700000002000-700000004000 helper=vma_modify_flags outcome=no-memory engine=rust mine vma=700000000000-700000008000\n");
	expect(protect(0, 4, PROT_READ) && protect(4, 6, PROT_NONE));
	/* It has no blocker either. */
	traces(with_failure(1, done = protect(4, 6, RW)) && !done,
	       "vma_modify: range=700000004000-700000006000 helper=vma_modify_flags outcome=no-memory engine=rust mine vma=700000004000-700000006000\n");
	traces(with_failure(1, done = !munmap(OURS + page, page)) && !done, "");
	choose("c");
}

/* If the second of two cuts fails, the first one stays, and has an event. */
static void the_first_of_two_cuts(void)
{
	int limit;

	choose("rust");
	expect(map(0, 8, RW));
	limit = set_max_map_count(vmas() + 1);
	traces(!protect(1, 2, PROT_READ) && errno == ENOMEM,
	       "vma_blocked: range=700000001000-700000002000 helper=vma_modify_flags side=below blocker=neither-end neighbour=700000000000-700000001000 engine=rust mine\n"
	       "vma_blocked: range=700000001000-700000002000 helper=vma_modify_flags side=above blocker=neither-end neighbour=700000001000-700000008000 engine=rust mine\n"
	       "vma_modify: range=700000001000-700000002000 helper=vma_modify_flags outcome=limit engine=rust mine vma=700000001000-700000008000\n"
	       "vma_split: range=700000001000-700000002000 helper=vma_modify_flags outcome=split-start engine=rust mine vma=700000001000-700000008000\n"
	       "vma_split: range=700000001000-700000002000 helper=vma_modify_flags outcome=limit engine=rust mine vma=700000001000-700000008000\n");
	set_max_map_count(limit);

	/* A cut is possible between two huge pages, but not inside one. */
	expect(mmap(OURS, 1024 * page, RW, ANON | MAP_FIXED | MAP_HUGETLB | MAP_NORESERVE, -1, 0) ==
	       OURS);
	traces(!protect(512, 513, PROT_READ) && errno == EINVAL,
	       "vma_blocked: range=700000200000-700000201000 helper=vma_modify_flags side=below blocker=special neighbour=700000000000-700000200000 engine=rust mine file neighbour_file\n"
	       "vma_blocked: range=700000200000-700000201000 helper=vma_modify_flags side=above blocker=special neighbour=700000200000-700000400000 engine=rust mine file neighbour_file\n"
	       "vma_modify: range=700000200000-700000201000 helper=vma_modify_flags outcome=refused engine=rust mine vma=700000200000-700000400000 file\n"
	       "vma_split: range=700000200000-700000201000 helper=vma_modify_flags outcome=split-start engine=rust mine vma=700000200000-700000400000 file\n"
	       "vma_split: range=700000200000-700000201000 helper=vma_modify_flags outcome=refused engine=rust mine vma=700000200000-700000400000 file\n");
	choose("c");
}

/* With C, the shadow finds out from the VMAs which cut lacked memory. */
static void cuts_without_memory(void)
{
	static const char *const engines[] = { "rust", "shadow" };
	/* The events if neither cut was made, and if the first one was. */
	static const char *const told[] = {
		"vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=below blocker=neither-end neighbour=700000000000-700000008000 engine=rust mine\n"
		"vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=above blocker=neither-end neighbour=700000000000-700000008000 engine=rust mine\n"
		"vma_modify: range=700000002000-700000004000 helper=vma_modify_flags outcome=no-memory engine=rust mine vma=700000000000-700000008000\n",
		"vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=below blocker=neither-end neighbour=700000000000-700000002000 engine=rust mine\n"
		"vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=above blocker=neither-end neighbour=700000002000-700000008000 engine=rust mine\n"
		"vma_modify: range=700000002000-700000004000 helper=vma_modify_flags outcome=no-memory engine=rust mine vma=700000002000-700000008000\n"
		"vma_split: range=700000002000-700000004000 helper=vma_modify_flags outcome=split-start engine=rust mine vma=700000002000-700000008000\n",
	};

	make_failures_possible();
	for (size_t i = 0; i < 2; i++) {
		int seen[2] = {};
		bool has_failed = true;

		choose(engines[i]);
		for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
			int before, cuts;
			bool done;
			char *found;

			unmap_twins();
			expect(map(0, 8, RW));
			before = vmas();
			begin();
			has_failed = with_failure(nth, done = protect(2, 4, PROT_READ));
			found = events();
			if (done)
				continue;
			cuts = vmas() - before;
			expect(has_failed && (cuts == 0 || cuts == 1));
			replace(found, "engine=shadow", "engine=rust");
			if (cuts < 0 || cuts > 1 || strcmp(found, told[cuts]))
				complain("%s, %d cuts, traced\n%s", engines[i], cuts, found);
			else
				seen[cuts]++;
		}
		printf("  %s: %d calls without a cut, %d with one\n", engines[i], seen[0], seen[1]);
		expect(!has_failed && seen[0] && seen[1]);
	}
	choose("c");
}

static void nobody_else(void)
{
	int status;
	pid_t child;

	choose("rust");
	begin();
	child = fork();
	if (!child)
		_exit(!(map(0, 8, RW) && protect(2, 4, PROT_READ)));
	expect(waitpid(child, &status, 0) == child && !status);
	expect_events("", __LINE__);

	/* There are no events with C as the engine, or without tracing. */
	choose("c");
	traces(map(0, 8, RW) && protect(2, 4, PROT_READ), "");
	choose("rust");
	begin();
	expect(!put(EVENTS "enable", "0"));
	expect(map(0, 8, RW) && protect(2, 4, PROT_READ));
	expect_events("", __LINE__);
	choose("c");
}

static void filters(void)
{
	choose("rust");
	expect(!put(EVENTS "vma_merge/filter", "outcome == \"both\""));
	expect(!put(EVENTS "vma_modify/filter", "start > 0x710000000000"));
	expect(!put(EVENTS "vma_split/filter", "helper != \"vma_modify_flags\""));
	expect(!put(EVENTS "vma_blocked/filter", "side == \"above\" && blocker == \"flags\""));
	traces(map(0, 8, RW) && map(8, 9, PROT_READ) && protect(2, 4, PROT_READ) &&
	       protect(3, 4, RW) && protect(2, 3, RW) && protect(0, 8, PROT_NONE) &&
	       !munmap(OURS + page, page),
	       "vma_merge: range=700000002000-700000003000 helper=vma_modify_flags outcome=both engine=rust mine vma=700000000000-700000008000\n"
	       "vma_blocked: range=700000000000-700000008000 helper=vma_modify_flags side=above blocker=flags neighbour=700000008000-700000009000 engine=rust mine only_range= only_neighbour=rd\n"
	       "vma_split: range=700000000000-700000001000 helper=__split_vma outcome=split engine=rust mine vma=700000000000-700000001000\n"
	       "vma_split: range=700000002000-700000008000 helper=__split_vma outcome=split engine=rust mine vma=700000002000-700000008000\n");
	expect(put(EVENTS "vma_merge/filter", "nonsense == 3") == EINVAL);
	expect(!put(EVENTS "filter", "0"));
	choose("c");
}

/* The events have the file of a range, and that of the VMA beside it, in the format of stat(). */
static void files(void)
{
	int one = memfd_create("one", 0), two = memfd_create("two", 0);
	static char maps[1 << 16];
	struct stat first, second;
	char wanted[256];
	const char *trace;
	int fd;

	choose("rust");
	expect(!ftruncate(one, 8 * page) && !ftruncate(two, 8 * page));
	expect(!fstat(one, &first) && !fstat(two, &second));
	expect(mmap(OURS, 4 * page, RW, MAP_SHARED | MAP_FIXED, one, 0) == OURS);
	begin();
	expect(mmap(OURS + 4 * page, 4 * page, RW, MAP_SHARED | MAP_FIXED, two, 0) ==
	       OURS + 4 * page);
	expect(!mprotect(OURS + 4 * page, 4 * page, PROT_READ));
	trace = read_trace();
	for (int i = 0; i < 2; i++) {
		snprintf(wanted, sizeof(wanted),
			 " side=below blocker=%s neighbour=700000000000-700000004000 engine=rust pid=%d tgid=%d dev=%02x:%02x ino=%lu neighbour_dev=%02x:%02x neighbour_ino=%lu only_range= only_neighbour=%s\n",
			 i ? "flags" : "file", getpid(), getpid(), major(second.st_dev),
			 minor(second.st_dev), second.st_ino, major(first.st_dev),
			 minor(first.st_dev), first.st_ino, i ? "wr" : "");
		if (!strstr(trace, wanted))
			complain("no '%s' in: %s", wanted, trace);
	}
	snprintf(wanted, sizeof(wanted), " vma=700000004000-700000008000 dev=%02x:%02x ino=%lu\n",
		 major(second.st_dev), minor(second.st_dev), second.st_ino);
	if (!strstr(trace, wanted))
		complain("no '%s' in: %s", wanted, trace);
	expect(!put(EVENTS "enable", "0"));
	/* maps shows the same file in this format. */
	snprintf(wanted, sizeof(wanted), " %02x:%02x %lu ", major(second.st_dev),
		 minor(second.st_dev), second.st_ino);
	fd = open("/proc/self/maps", O_RDONLY);
	read_all(fd, maps, sizeof(maps));
	close(fd);
	if (!strstr(maps, wanted))
		complain("no '%s' in: %s", wanted, maps);
	/* In filters, a device is a number. */
	snprintf(wanted, sizeof(wanted), "dev == %u && ino == %lu",
		 major(first.st_dev) << 20 | minor(first.st_dev), first.st_ino);
	expect(!put(EVENTS "vma_modify/filter", wanted));
	begin();
	expect(!mprotect(OURS, 4 * page, PROT_READ) && !mprotect(OURS + 4 * page, page, RW));
	trace = read_trace();
	expect(strstr(trace, "vma_modify: range=700000000000-700000004000 "));
	expect(!strstr(trace, "vma_modify: range=700000004000-700000005000 "));
	expect(!put(EVENTS "enable", "0") && !put(EVENTS "vma_modify/filter", "0"));
	close(one);
	close(two);
	choose("c");
}

/*
 * The events name the flags that only one of two VMAs has: one flag, several, and one
 * that merges ignore.
 */
static void flags_that_differ(void)
{
	choose("rust");
	expect(map(0, 8, RW) && !madvise(OURS, 4 * page, MADV_DONTFORK) &&
	       !madvise(OURS, 4 * page, MADV_DONTDUMP));
	traces(!madvise(OURS + 4 * page, 4 * page, MADV_RANDOM),
	       "vma_blocked: range=700000004000-700000008000 helper=vma_modify_flags side=below blocker=flags neighbour=700000000000-700000004000 engine=rust mine only_range=rr only_neighbour=dc,dd\n"
	       "vma_blocked: range=700000004000-700000008000 helper=vma_modify_flags side=above blocker=not-adjacent neighbour=0-0 engine=rust mine\n"
	       "vma_modify: range=700000004000-700000008000 helper=vma_modify_flags outcome=whole engine=rust mine vma=700000004000-700000008000\n");
	choose("c");
}

static void *protect_in_thread(void *tid)
{
	char text[16];

	*(pid_t *)tid = gettid();
	sprintf(text, "%d", gettid());
	expect(!put(TRACING "set_event_pid", text));
	expect(protect(0, 4, PROT_READ));
	return NULL;
}

/*
 * The events name the process: that of the calling thread, or the one that another
 * process changes.
 */
static void targets(void)
{
	int status, ends[2];
	char wanted[64];
	pthread_t thread;
	pid_t tid, child;

	choose("rust");
	expect(map(0, 8, RW));
	begin();
	expect(!pthread_create(&thread, NULL, protect_in_thread, &tid));
	expect(!pthread_join(thread, NULL));
	snprintf(wanted, sizeof(wanted), " pid=%d tgid=%d vma=", tid, getpid());
	expect(tid != getpid());
	if (!strstr(read_trace(), wanted))
		complain("no '%s' in: %s", wanted, read_trace());

	expect(!pipe(ends));
	child = fork();
	if (!child) {
		close(ends[1]);
		_exit(read(ends[0], wanted, 1));
	}
	begin();
	expect(ctl("flags %d %lx %lx +dontfork", child, (unsigned long)OURS,
		   (unsigned long)OURS + 8 * page) == 0);
	snprintf(wanted, sizeof(wanted), " pid=%d tgid=%d vma=", child, child);
	if (!strstr(read_trace(), wanted))
		complain("no '%s' in: %s", wanted, read_trace());
	expect(!put(EVENTS "enable", "0"));
	close(ends[0]);
	close(ends[1]);
	expect(waitpid(child, &status, 0) == child && !status);
	choose("c");
}

/* The descriptor of the userfaultfd of a process whose memory outlives it. */
#define THEIR_UFFD 100

/* Registers memory with a userfaultfd, and waits to be killed. */
static void register_and_wait(int ready)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register arg = {
		.range = { (unsigned long)OURS, 8 * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || !map(0, 8, RW) || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &arg) || dup2(fd, THEIR_UFFD) < 0 ||
	    write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/*
 * Reads a missing page of a process, and so holds the memory of the process until the
 * page exists.
 */
static void *read_missing_page(void *pid)
{
	char byte = 1;
	struct iovec local = { &byte, 1 }, remote = { OURS, 1 };

	expect(process_vm_readv(*(pid_t *)pid, &local, 1, &remote, 1, 0) == 1 && !byte);
	return NULL;
}

/* Memory that has outlived its process belongs to no process. */
static void memory_of_nobody(void)
{
	struct uffdio_range below = { (unsigned long)OURS, 4 * page };
	struct uffdio_range above = { (unsigned long)OURS + 4 * page, 4 * page };
	struct uffd_msg fault;
	pthread_t reader;
	int ends[2], fd;
	pid_t child;
	char byte;

	choose("rust");
	expect(!pipe(ends));
	child = fork();
	if (!child)
		register_and_wait(ends[1]);
	close(ends[1]);
	expect(read(ends[0], &byte, 1) == 1);
	close(ends[0]);
	fd = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, child, 0), THEIR_UFFD, 0);
	expect(fd >= 0);
	expect(!pthread_create(&reader, NULL, read_missing_page, &child));
	expect(read(fd, &fault, sizeof(fault)) == sizeof(fault));
	kill(child, SIGKILL);
	expect(waitpid(child, NULL, 0) == child);
	traces(!ioctl(fd, UFFDIO_UNREGISTER, &above),
	       "vma_blocked: range=700000004000-700000008000 helper=vma_modify_flags_uffd side=below blocker=rest-of-vma neighbour=700000000000-700000004000 engine=rust pid=0 tgid=0\n"
	       "vma_blocked: range=700000004000-700000008000 helper=vma_modify_flags_uffd side=above blocker=not-adjacent neighbour=0-0 engine=rust pid=0 tgid=0\n"
	       "vma_modify: range=700000004000-700000008000 helper=vma_modify_flags_uffd outcome=split-start engine=rust pid=0 tgid=0 vma=700000004000-700000008000\n"
	       "vma_split: range=700000004000-700000008000 helper=vma_modify_flags_uffd outcome=split-start engine=rust pid=0 tgid=0 vma=700000004000-700000008000\n");
	/* This gives the reader its page. */
	expect(!ioctl(fd, UFFDIO_UNREGISTER, &below));
	expect(!pthread_join(reader, NULL));
	close(fd);
	choose("c");
}

/*
 * Merges with either neighbour and with both, partially as well; cuts; maps, moves, and
 * extends memory.
 */
static void all_sorts(void)
{
	int fd = memfd_create("file", 0), limit;
	bool done;

	expect(!ftruncate(fd, 16 * page));
	expect(map(0, 8, RW) && map(8, 12, RW) && map(14, 16, PROT_READ) && map(12, 14, RW));
	expect(protect(2, 4, PROT_READ) && protect(4, 6, PROT_READ) && protect(3, 4, RW));
	expect(protect(3, 5, PROT_READ) && protect(0, 16, RW));
	expect(!munmap(OURS + 4 * page, page) && map(4, 5, RW));
	expect(mremap(OURS + 12 * page, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED,
		      OURS + 20 * page) == OURS + 20 * page);
	expect(mremap(OURS + 14 * page, 2 * page, 4 * page, 0) == OURS + 14 * page);
	expect(mmap(OURS + 30 * page, 4 * page, RW, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED);
	expect(mmap(OURS + 34 * page, 4 * page, RW, MAP_SHARED | MAP_FIXED, fd, 4 * page) !=
	       MAP_FAILED);
	expect(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, OURS + page, 2 * page, "name"));
	expect(!madvise(OURS + 31 * page, page, MADV_DONTFORK));
	/* The second of two cuts exceeds the limit. */
	limit = set_max_map_count(vmas() + 1);
	expect(!protect(33, 34, PROT_READ) && errno == ENOMEM);
	set_max_map_count(limit);
	expect(with_failure(1, done = protect(6, 7, PROT_READ)) && !done);
	expect(with_failure(1, done = !munmap(OURS + page, page)) && !done);
	close(fd);
}

/*
 * With Rust as the shadow of C, the events are the same as with engine rust, except for
 * the name of the engine.
 */
static void the_shadow(void)
{
	static char rust[1 << 15];
	char *shadow;

	make_failures_possible();
	for (int i = 0; i < 2; i++) {
		expect(!munmap(OURS, 64 * page));
		choose(i ? "shadow" : "rust");
		begin();
		all_sorts();
		if (!i)
			snprintf(rust, sizeof(rust), "%s", events());
	}
	shadow = events();
	expect(!strstr(shadow, "engine=rust") && strstr(shadow, "engine=shadow"));
	replace(shadow, "engine=shadow", "engine=rust");
	if (strcmp(rust, shadow))
		complain("Rust\n%sshadow\n%s", rust, shadow);
	choose("c");
}

/* The stack of a split contains the system call that caused it. */
static void stacks(void)
{
	static const char split[] =
		"vma_split: range=700000002000-700000004000 helper=vma_modify_flags ";
	char *trace, *stack;

	choose("rust");
	expect(map(0, 8, RW));
	expect(!put(EVENTS "vma_split/trigger", "stacktrace"));
	begin();
	expect(protect(2, 4, PROT_READ));
	trace = read_trace();
	stack = strstr(trace, "<stack trace>");
	expect(strstr(trace, split));
	if (!stack || !strstr(stack, "mprotect_fixup") || !strstr(stack, "sys_mprotect"))
		complain("no stack in: %s", trace);
	expect(!put(EVENTS "enable", "0"));
	expect(!put(EVENTS "vma_split/trigger", "!stacktrace"));
	choose("c");
}

/* The format of the events, which trace-cmd and perf read. */
static void formats(void)
{
	static const char *const fields[] = {
		"field:unsigned long start;", "field:unsigned long end;",
		"field:unsigned long neighbour_start;", "field:unsigned long neighbour_end;",
		"field:unsigned long ino;", "field:unsigned long neighbour_ino;",
		"field:dev_t dev;", "field:dev_t neighbour_dev;",
		"field:pid_t pid;", "field:pid_t tgid;", "field:__data_loc char[] engine;",
		"field:__data_loc char[] helper;", "field:__data_loc char[] side;",
		"field:__data_loc char[] blocker;", "field:__data_loc char[] only_range;",
		"field:__data_loc char[] only_neighbour;",
		"print fmt: \"range=%lx-%lx helper=%s side=%s blocker=%s neighbour=%lx-%lx engine=%s ",
		"REC->start, REC->end, __get_str(helper), __get_str(side), __get_str(blocker), ",
	};
	char text[4096];
	int fd = open(EVENTS "vma_blocked/format", O_RDONLY);

	read_all(fd, text, sizeof(text));
	close(fd);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!strstr(text, fields[i]))
			complain("no '%s' in: %s", fields[i], text);
}

static int load(const char *name)
{
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	error = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return error;
}

/* Unloads a module. Returns an errno. */
static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

/*
 * The test module has tracepoints as well. A module cannot be unloaded while one of its
 * events is in use.
 */
static void modules_come_and_go(void)
{
	static const char *const events[] = {
		"vma_modify", "vma_merge", "vma_split", "vma_blocked",
	};

	expect(!put(KUNIT_FILTER, "none"));
	expect(!load("rust_vma_kunit"));
	expect(!access(TRACING "events/rust_vma_kunit/vma_modify", F_OK));
	traces(map(0, 8, RW) && set_flags(6, 8, "-dontfork") == 0, "");
	expect(!unload("rust_vma_kunit"));
	expect(access(TRACING "events/rust_vma_kunit", F_OK));

	begin();
	expect(map(0, 8, RW) && set_flags(6, 8, "+dontfork") == 0);
	expect(unload("rust_vma") == EAGAIN);
	expect(!put(EVENTS "enable", "0"));
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		char trigger[96];

		snprintf(trigger, sizeof(trigger), EVENTS "%s/trigger", events[i]);
		expect(!put(trigger, "stacktrace"));
		expect(unload("rust_vma") == EAGAIN);
		expect(!put(trigger, "!stacktrace"));
	}
	expect(!unload("rust_vma"));
	expect(access(TRACING "events/rust_vma", F_OK));
	expect(!load("rust_vma"));
	/* The event is off until it is enabled again. */
	expect(set_flags(6, 8, "-dontfork") == 0);
	expect(!strstr(read_trace(), "vma_modify:"));
	traces(set_flags(0, 8, "+dontfork") == 0,
	       "vma_blocked: range=700000000000-700000008000 helper=vma_modify_flags side=below blocker=not-adjacent neighbour=0-0 engine=rust mine\n"
	       "vma_blocked: range=700000000000-700000008000 helper=vma_modify_flags side=above blocker=not-adjacent neighbour=0-0 engine=rust mine\n"
	       "vma_modify: range=700000000000-700000008000 helper=vma_modify_flags outcome=whole engine=rust mine vma=700000000000-700000008000\n");
}

static const struct test tests[] = {
	test(calls_of_the_kernel),
	test(calls_of_ctl),
	test(a_split_that_is_refused),
	test(without_memory),
	test(the_first_of_two_cuts),
	test(cuts_without_memory),
	test(nobody_else),
	test(filters),
	test(files),
	test(flags_that_differ),
	test(targets),
	test(memory_of_nobody),
	test(the_shadow),
	test(stacks),
	test(formats),
	test(modules_come_and_go),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
