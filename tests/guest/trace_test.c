// SPDX-License-Identifier: GPL-2.0
/*
 * The trace events of the kernel's own calls and of those of ctl, as tracefs shows them;
 * they have to take filters and stack triggers as other events do.
 */
#include "harness.h"
#include "fail_nth.h"

#define ENGINE "/sys/kernel/debug/rust_vma/engine"
#define TRACING "/sys/kernel/tracing/"
#define EVENTS TRACING "events/rust_vma/"
#define KUNIT_FILTER "/sys/module/kunit/parameters/filter_glob"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

/* Writes a word to a file in place of its contents, as with the shell's '>'. */
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

/* From now on the events of this process are traced, and none are there yet. */
static void begin(void)
{
	char pid[16];

	sprintf(pid, "%d", getpid());
	expect(!put(TRACING "set_event_pid", pid));
	expect(!put(EVENTS "enable", "1"));
	expect(!put(TRACING "trace", ""));
}

/* The trace, but for comments. */
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

/* Lists the events since begin(): a line each, from the event's name on. */
static char *events(void)
{
	static char text[1 << 14];
	char *line = read_trace(), *end, *name, *out = text;

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
	return text;
}

static void expect_events(const char *wanted, int line)
{
	const char *found = events();

	if (strcmp(found, wanted))
		complain("line %d: traced\n%snot\n%s", line, found, wanted);
}

/* Does something, and expects these events of it. */
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

static void what_the_kernel_does(void)
{
	choose("rust");
	traces(map(0, 8, RW),
	       "vma_blocked: range=700000000000-700000008000 helper=vma_merge_new_range side=below blocker=not-adjacent neighbour=0-0\n"
	       "vma_blocked: range=700000000000-700000008000 helper=vma_merge_new_range side=above blocker=not-adjacent neighbour=0-0\n");
	/* Why did it not merge? */
	traces(map(8, 10, PROT_READ),
	       "vma_blocked: range=700000008000-70000000a000 helper=vma_merge_new_range side=below blocker=flags neighbour=700000000000-700000008000\n"
	       "vma_blocked: range=700000008000-70000000a000 helper=vma_merge_new_range side=above blocker=not-adjacent neighbour=0-0\n");
	traces(map(10, 11, PROT_READ),
	       "vma_blocked: range=70000000a000-70000000b000 helper=vma_merge_new_range side=above blocker=not-adjacent neighbour=0-0\n"
	       "vma_merge: range=70000000a000-70000000b000 helper=vma_merge_new_range outcome=prev-whole\n");
	traces(protect(2, 4, PROT_READ),
	       "vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=below blocker=neither-end neighbour=700000000000-700000002000\n"
	       "vma_blocked: range=700000002000-700000004000 helper=vma_modify_flags side=above blocker=neither-end neighbour=700000004000-700000008000\n"
	       "vma_modify: range=700000002000-700000004000 helper=vma_modify_flags outcome=split-both\n"
	       "vma_split: range=700000002000-700000004000 helper=vma_modify_flags outcome=split-both\n");
	traces(protect(7, 8, PROT_READ),
	       "vma_blocked: range=700000007000-700000008000 helper=vma_modify_flags side=below blocker=rest-of-vma neighbour=700000004000-700000007000\n"
	       "vma_modify: range=700000007000-700000008000 helper=vma_modify_flags outcome=next-part\n"
	       "vma_merge: range=700000007000-700000008000 helper=vma_modify_flags outcome=next-part\n");
	traces(protect(4, 7, PROT_NONE),
	       "vma_blocked: range=700000004000-700000007000 helper=vma_modify_flags side=below blocker=flags neighbour=700000002000-700000004000\n"
	       "vma_blocked: range=700000004000-700000007000 helper=vma_modify_flags side=above blocker=flags neighbour=700000007000-70000000b000\n"
	       "vma_modify: range=700000004000-700000007000 helper=vma_modify_flags outcome=whole\n");
	traces(protect(4, 7, PROT_READ),
	       "vma_modify: range=700000004000-700000007000 helper=vma_modify_flags outcome=both\n"
	       "vma_merge: range=700000004000-700000007000 helper=vma_modify_flags outcome=both\n");
	/* The parts below and above the hole become new VMAs. */
	traces(!munmap(OURS + 3 * page, page),
	       "vma_split: range=700000002000-700000003000 helper=__split_vma outcome=split\n"
	       "vma_split: range=700000004000-70000000b000 helper=__split_vma outcome=split\n");
	/* The VMA below is one page long. */
	traces(map(3, 4, PROT_NONE),
	       "vma_blocked: range=700000003000-700000004000 helper=vma_merge_new_range side=below blocker=flags neighbour=700000002000-700000003000\n"
	       "vma_blocked: range=700000003000-700000004000 helper=vma_merge_new_range side=above blocker=flags neighbour=700000004000-70000000b000\n");
	choose("c");
}

static void what_ctl_does(void)
{
	expect(map(0, 8, RW));
	traces(set_flags(6, 8, "+dontfork") == 0,
	       "vma_blocked: range=700000006000-700000008000 helper=vma_modify_flags side=below blocker=rest-of-vma neighbour=700000000000-700000006000\n"
	       "vma_blocked: range=700000006000-700000008000 helper=vma_modify_flags side=above blocker=not-adjacent neighbour=0-0\n"
	       "vma_modify: range=700000006000-700000008000 helper=vma_modify_flags outcome=split-start\n"
	       "vma_split: range=700000006000-700000008000 helper=vma_modify_flags outcome=split-start\n");
	traces(ctl("frobnicate") == EINVAL, "");
}

/* How many VMAs there are, found out without a call that changes that. */
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
	char before[16], limit[16];
	int fd = open(MAX_MAP_COUNT, O_RDONLY);

	choose("rust");
	expect(map(0, 8, RW));
	read_all(fd, before, sizeof(before));
	close(fd);
	sprintf(limit, "%d", vmas());
	expect(!put(MAX_MAP_COUNT, limit));
	traces(mprotect(OURS + page, page, PROT_READ) && errno == ENOMEM,
	       "vma_modify: range=700000001000-700000002000 helper=vma_modify_flags outcome=limit\n"
	       "vma_split: range=700000001000-700000002000 helper=vma_modify_flags outcome=limit\n");
	traces(ctl("split %d %lx", getpid(), (unsigned long)OURS + 4 * page) == ENOMEM,
	       "vma_split: range=700000000000-700000008000 helper=split_vma outcome=limit\n");
	expect(!put(MAX_MAP_COUNT, before));

	/* A huge page cannot be cut; its driver says so. */
	expect(mmap(OURS, 1024 * page, RW, ANON | MAP_FIXED | MAP_HUGETLB | MAP_NORESERVE, -1, 0) ==
	       OURS);
	traces(mprotect(OURS + page, page, PROT_READ) && errno == EINVAL,
	       "vma_modify: range=700000001000-700000002000 helper=vma_modify_flags outcome=refused\n"
	       "vma_split: range=700000001000-700000002000 helper=vma_modify_flags outcome=refused\n");
	traces(munmap(OURS + page, page) && errno == EINVAL,
	       "vma_split: range=700000000000-700000001000 helper=__split_vma outcome=refused\n");
	choose("c");
}

/* A call that fails for lack of memory has neither split nor merged. */
static void without_memory(void)
{
	bool done;

	make_failures_possible();
	choose("rust");
	expect(map(0, 8, RW));
	traces(with_failure(1, done = protect(2, 4, PROT_READ)) && !done,
	       "vma_modify: range=700000002000-700000004000 helper=vma_modify_flags outcome=no-memory\n");
	expect(protect(0, 4, PROT_READ) && protect(4, 6, PROT_NONE));
	/* Nor has it been kept apart by anything. */
	traces(with_failure(1, done = protect(4, 6, RW)) && !done,
	       "vma_modify: range=700000004000-700000006000 helper=vma_modify_flags outcome=no-memory\n");
	traces(with_failure(1, done = !munmap(OURS + page, page)) && !done, "");
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

	/* With C as the engine, or without tracing. */
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
	       "vma_merge: range=700000002000-700000003000 helper=vma_modify_flags outcome=both\n"
	       "vma_blocked: range=700000000000-700000008000 helper=vma_modify_flags side=above blocker=flags neighbour=700000008000-700000009000\n"
	       "vma_split: range=700000000000-700000001000 helper=__split_vma outcome=split\n"
	       "vma_split: range=700000002000-700000008000 helper=__split_vma outcome=split\n");
	expect(put(EVENTS "vma_merge/filter", "nonsense == 3") == EINVAL);
	expect(!put(EVENTS "filter", "0"));
	choose("c");
}

/* The stack of a split has the system call that caused it. */
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

/* The format that trace-cmd and perf read. */
static void formats(void)
{
	static const char *const fields[] = {
		"field:unsigned long start;", "field:unsigned long end;",
		"field:unsigned long neighbour_start;", "field:unsigned long neighbour_end;",
		"field:__data_loc char[] helper;", "field:__data_loc char[] side;",
		"field:__data_loc char[] blocker;",
		"print fmt: \"range=%lx-%lx helper=%s side=%s blocker=%s neighbour=%lx-%lx\", ",
		"REC->start, REC->end, __get_str(helper), __get_str(side), __get_str(blocker), ",
		"__get_str(blocker), REC->neighbour_start, REC->neighbour_end\n",
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

/* The test module has tracepoints, too; traced events do not keep the module loaded. */
static void modules_come_and_go(void)
{
	expect(!put(KUNIT_FILTER, "none"));
	expect(!load("rust_vma_kunit"));
	expect(!access(TRACING "events/rust_vma_kunit/vma_modify", F_OK));
	traces(map(0, 8, RW) && set_flags(6, 8, "-dontfork") == 0, "");
	expect(!syscall(SYS_delete_module, "rust_vma_kunit", O_NONBLOCK));
	expect(access(TRACING "events/rust_vma_kunit", F_OK));

	begin();
	expect(map(0, 8, RW) && set_flags(6, 8, "+dontfork") == 0);
	expect(!syscall(SYS_delete_module, "rust_vma", O_NONBLOCK));
	expect(access(TRACING "events/rust_vma", F_OK));
	expect(!load("rust_vma"));
	/* Off, until somebody enables it. */
	expect(set_flags(6, 8, "-dontfork") == 0);
	expect(!strstr(read_trace(), "vma_modify:"));
	traces(set_flags(0, 8, "+dontfork") == 0,
	       "vma_blocked: range=700000000000-700000008000 helper=vma_modify_flags side=below blocker=not-adjacent neighbour=0-0\n"
	       "vma_blocked: range=700000000000-700000008000 helper=vma_modify_flags side=above blocker=not-adjacent neighbour=0-0\n"
	       "vma_modify: range=700000000000-700000008000 helper=vma_modify_flags outcome=whole\n");
}

static const struct test tests[] = {
	test(what_the_kernel_does),
	test(what_ctl_does),
	test(a_split_that_is_refused),
	test(without_memory),
	test(nobody_else),
	test(filters),
	test(stacks),
	test(formats),
	test(modules_come_and_go),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
