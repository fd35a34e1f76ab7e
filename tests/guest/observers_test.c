// SPDX-License-Identifier: GPL-2.0
/*
 * Observes ctl from outside: kprobes see that a VMA is write-locked before it is changed,
 * and perf is notified of new mappings.
 */
#include "harness.h"
#include "twin.h"
#include <linux/perf_event.h>

#define TRACING "/sys/kernel/tracing/"

static void write_text(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_APPEND);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		complain("cannot write '%s' to %s: %s", text, name, strerror(errno));
	close(fd);
}

static int tracing_pipe = -1;

/* Puts kprobes on the write-locking of a VMA and on a function that changes one. */
static void watch(const char *duty)
{
	char text[128];

	write_text(TRACING "kprobe_events", "p:duties/locked __vma_start_write vma=$arg1:x64\n");
	snprintf(text, sizeof(text), "p:duties/done rust_vma:%s vma=$arg1:x64\n", duty);
	write_text(TRACING "kprobe_events", text);
	tracing_pipe = open(TRACING "trace_pipe", O_RDONLY | O_NONBLOCK);
	write_text(TRACING "events/duties/enable", "1");
}

/*
 * Removes the kprobes. Expects that the function was called for VMAs that had been
 * write-locked before.
 */
static void expect_locked(const char *duty, int line)
{
	static char text[1 << 16];
	unsigned long locked[64], vma;
	char *rest, *one;
	size_t locks = 0;
	int done = 0;

	write_text(TRACING "events/duties/enable", "0");
	read_all(tracing_pipe, text, sizeof(text));
	close(tracing_pipe);
	write_text(TRACING "kprobe_events", "-:duties/locked\n");
	write_text(TRACING "kprobe_events", "-:duties/done\n");

	for (one = strtok_r(text, "\n", &rest); one; one = strtok_r(NULL, "\n", &rest)) {
		const char *argument = strstr(one, " vma=");
		bool found = false;

		if (!argument || sscanf(argument, " vma=%lx", &vma) != 1)
			continue;
		if (strstr(one, ": locked: ")) {
			if (locks < 64)
				locked[locks++] = vma;
			continue;
		}
		done++;
		for (size_t i = 0; i < locks; i++)
			found |= locked[i] == vma;
		if (!found)
			complain("line %d: %s: not write-locked: %s", line, duty, one);
	}
	if (!done)
		complain("line %d: %s was not called: %s", line, duty, outcome);
}

/* The engine does not write-lock a VMA that it neither merges nor splits, so the verb has to. */
static void duties_under_the_lock(void)
{
	static const struct {
		const char *duty, *verb, *words;
	} duties[] = {
		{ "rust_vma_replace_name", "name", "first" },
		{ "rust_vma_replace_name", "name", "second" },
		{ "rust_vma_replace_name", "name", "" },
		{ "rust_vma_replace_policy", "policy", "bind:0" },
		{ "rust_vma_replace_policy", "policy", "default" },
		{ "rust_vma_replace_flags_at_once", "protect", "r--" },
		{ "rust_vma_protect_pages", "protect", "rw-" },
	};
	unsigned long start = (unsigned long)OURS;

	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < sizeof(duties) / sizeof(*duties) && !failed; i++) {
		watch(duties[i].duty);
		expect(ctl("%s %d %lx %lx %s", duties[i].verb, getpid(), start, start + 4 * page,
			   duties[i].words) == 0);
		expect(strstr(outcome, "1 changed whole"));
		expect_locked(duties[i].duty, __LINE__);
	}
	watch("rust_vma_mark_new");
	expect(ctl("new %d %lx %lx", getpid(), start + 8 * page, start + 9 * page) == 0);
	expect_locked("rust_vma_mark_new", __LINE__);
	watch("rust_vma_mark_new");
	expect(ctl("new %d %lx %lx", getpid(), start + 9 * page, start + 10 * page) == 0);
	expect_locked("rust_vma_mark_new", __LINE__);
}

/* The size of perf's ring buffer, without its first page. */
#define RING (16 * page)

/* Opens a perf event for the mappings of this process. */
static struct perf_event_mmap_page *open_perf(int *fd)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.mmap = 1,
		.mmap_data = 1,
	};
	void *ring;

	*fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	ring = mmap(NULL, page + RING, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (*fd < 0 || ring == MAP_FAILED) {
		perror("perf");
		exit(2);
	}
	return ring;
}

/* Lists the events since the last call about memory from base on: " first-last", in pages. */
static void told_since(struct perf_event_mmap_page *ring, char *base, char *text)
{
	const char *data = (char *)ring + page;
	unsigned long long at = ring->data_tail;

	*text = 0;
	while (at < ring->data_head) {
		struct perf_event_header header;
		unsigned long long body[3];

		memcpy(&header, data + at % RING, sizeof(header));
		if (header.type == PERF_RECORD_MMAP && at % RING + header.size < RING) {
			/* The ids of process and thread come first. */
			memcpy(body, data + at % RING + sizeof(header) + 8, sizeof(body));
			if ((char *)body[0] >= base && (char *)body[0] < base + (1UL << 32))
				text += sprintf(text, " %llx-%llx",
						(body[0] - (unsigned long)base) / page,
						(body[0] + body[1] - (unsigned long)base) / page);
		}
		at += header.size;
	}
	__atomic_store_n(&ring->data_tail, at, __ATOMIC_RELEASE);
}

static void expect_told(struct perf_event_mmap_page *ring, const char *wanted, int line)
{
	char said[1024];

	told_since(ring, OURS, said);
	if (strcmp(said, wanted))
		complain("line %d: perf is told of '%s', not '%s'", line, said, wanted);
}

/* ctl notifies perf in the same way as a system call, but not about other processes. */
static void perf_is_told(void)
{
	unsigned long start = (unsigned long)OURS;
	struct perf_event_mmap_page *ring;
	char wanted[1024], said[1024];
	struct twin twin;
	int fd, me = getpid();

	ring = open_perf(&fd);
	told_since(ring, OURS, said);
	must_map(TWIN, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	told_since(ring, TWIN, wanted);
	expect(!strcmp(wanted, " 0-4"));
	expect(ctl("new %d %lx %lx", me, start, start + 4 * page) == 0);
	expect_told(ring, wanted, __LINE__);
	must_map(TWIN + 4 * page, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	told_since(ring, TWIN, wanted);
	expect(!strcmp(wanted, " 0-6"));
	expect(ctl("new %d %lx %lx", me, start + 4 * page, start + 6 * page) == 0);
	expect_told(ring, wanted, __LINE__);
	mprotect(TWIN + page, 2 * page, PROT_READ | PROT_EXEC);
	told_since(ring, TWIN, wanted);
	expect(!strcmp(wanted, " 1-3"));
	expect(ctl("protect %d %lx %lx r-x", me, start + page, start + 3 * page) == 0);
	expect_told(ring, wanted, __LINE__);
	/* Advice causes no event. */
	expect(ctl("flags %d %lx %lx +dontfork", me, start, start + 6 * page) == 0);
	expect_told(ring, "", __LINE__);

	twin = start_twin();
	told_since(ring, PLACE, said);
	expect(ctl("new %d %lx %lx rwx", twin.pid, address(0), address(4)) == 0);
	expect(ctl("protect %d %lx %lx r-x", twin.pid, address(0), address(4)) == 0);
	told_since(ring, PLACE, said);
	expect(!*said);
	end_twin(&twin);
	munmap(ring, page + RING);
	close(fd);
}

static const struct test tests[] = {
	test(duties_under_the_lock),
	test(perf_is_told),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
