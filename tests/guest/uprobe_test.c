// SPDX-License-Identifier: GPL-2.0
/*
 * Uprobes stay where they are when the VMA that they are in is split and merged, and
 * go when they are told to.
 */
#include "harness.h"

#include <stdint.h>

#define TRACING "/sys/kernel/tracing/"
#define PAGES 8
/* The page of the mapping that the probed function is in. */
#define PROBED 1

/* Runs wherever it is mapped; in a page of its own, which is not the file's first. */
__attribute__((noinline, noclone, used, aligned(4096))) static int probed(int x)
{
	return x ^ 0x5a;
}

typedef int function(int x);

static uintptr_t offset_in_file;

static bool write_text(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_APPEND);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!done)
		complain("cannot write '%s' to %s: %s", text, name, strerror(errno));
	close(fd);
	return done;
}

/* Where the function is in the file of this program. */
static void find_offset(void)
{
	unsigned long start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t addr = (uintptr_t)probed;
	char line[512];

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 &&
		    addr >= start && addr < end)
			offset_in_file = addr - start + offset;
	}
	fclose(maps);
}

static unsigned long hits(void)
{
	unsigned long count = 0;
	FILE *profile = fopen(TRACING "uprobe_profile", "r");
	char line[512], name[64];

	while (profile && fgets(line, sizeof(line), profile)) {
		if (sscanf(line, "%*s %63s %lu", name, &count) == 2 &&
		    !strcmp(name, "rust_vma_test"))
			break;
	}
	if (profile)
		fclose(profile);
	return count;
}

/* Calls the function in the mapping at base; whether the probe saw it. */
static bool is_seen(const char *base)
{
	unsigned long before = hits();
	function *copy = (function *)(base + PROBED * page + offset_in_file % page);

	expect(copy(1) == (1 ^ 0x5a));
	return hits() == before + 1;
}

/* Maps this program so that the function is in that page of the mapping. */
static void map_program(char *base)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	off_t offset = offset_in_file / page * page - PROBED * page;

	expect(mmap(base, PAGES * page, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_FIXED, fd, offset) == base);
	close(fd);
}

static void set_probe(void)
{
	char exe[256] = "", definition[512];

	find_offset();
	expect(offset_in_file >= PROBED * page);
	expect(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	snprintf(definition, sizeof(definition), "p:rust_vma_test %s:0x%lx\n", exe,
		 (unsigned long)offset_in_file);
	expect(write_text(TRACING "uprobe_events", definition));
	expect(write_text(TRACING "events/uprobes/rust_vma_test/enable", "1"));
}

static void stay_when_a_vma_is_split_and_merged(void)
{
	static const struct {
		size_t first, last;
		unsigned int change;
		int vmas;
	} steps[] = {
		/* Out of the middle, part of what is right of it, left of it, the rest. */
		{ 1, 2, 0, 3 }, { 2, 4, 0, 3 }, { 0, 1, 0, 2 }, { 4, 8, 0, 1 },
		/* And back, from the right. */
		{ 5, 8, 1, 2 }, { 3, 5, 1, 2 }, { 0, 3, 1, 1 },
	};

	map_program(OURS);
	map_program(TWIN);
	expect(is_seen(OURS) && is_seen(TWIN));
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		change_twins(steps[i].first, steps[i].last, steps[i].change);
		expect_twins(__LINE__);
		expect(count_vmas() == steps[i].vmas);
		expect(is_seen(OURS) && is_seen(TWIN));
	}
}

static void are_set_in_all_vmas_later(void)
{
	expect(write_text(TRACING "events/uprobes/rust_vma_test/enable", "0"));
	map_program(OURS);
	map_program(TWIN);
	change_twins(1, 2, 0);
	expect(!is_seen(OURS) && !is_seen(TWIN));
	expect(write_text(TRACING "events/uprobes/rust_vma_test/enable", "1"));
	expect(is_seen(OURS) && is_seen(TWIN));
}

static void go_when_they_are_told_to(void)
{
	const char *original = (const char *)probed;

	map_program(OURS);
	map_program(TWIN);
	change_twins(1, 8, 0);
	change_twins(0, 1, 0);
	expect(is_seen(OURS) && is_seen(TWIN));
	expect(write_text(TRACING "events/uprobes/rust_vma_test/enable", "0"));
	expect(!is_seen(OURS) && !is_seen(TWIN));
	expect(!memcmp(OURS + PROBED * page + offset_in_file % page, original, 16));
	expect(!memcmp(TWIN + PROBED * page + offset_in_file % page, original, 16));
	expect(write_text(TRACING "uprobe_events", "-:rust_vma_test\n"));
}

static const struct test tests[] = {
	/* The first one: the others need it. The last one takes it away. */
	test(set_probe),
	test(stay_when_a_vma_is_split_and_merged),
	test(are_set_in_all_vmas_later),
	test(go_when_they_are_told_to),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
