// SPDX-License-Identifier: GPL-2.0
/* Uprobes stay in place when their VMA is split and merged, and are removed on request. */
#include "harness.h"

#define TRACING "/sys/kernel/tracing/"
#define PROGRAM "/tmp/probed"
#define PAGES 8
/* The page of the file that contains the probed function, and the size of its code. */
#define PROBED 1
#define CODE 64

typedef int function(int x);

/* The function that is probed. It runs at any address. */
static int probed(int x)
{
	return x ^ 0x5a;
}

static bool write_text(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_APPEND);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!done)
		complain("cannot write '%s' to %s: %s", text, name, strerror(errno));
	close(fd);
	return done;
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

/* Calls the function in the mapping at base. Returns whether the probe saw the call. */
static bool is_seen(const char *base)
{
	unsigned long before = hits();
	function *copy = (function *)(base + PROBED * page);

	expect(copy(1) == (1 ^ 0x5a));
	return hits() == before + 1;
}

static void map_program(char *base)
{
	int fd = open(PROGRAM, O_RDONLY);

	expect(mmap(base, PAGES * page, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_FIXED, fd, 0) == base);
	close(fd);
}

static void set_probe(void)
{
	int fd = open(PROGRAM, O_RDWR | O_CREAT | O_TRUNC, 0700);
	char definition[128];

	expect(ftruncate(fd, PAGES * page) == 0);
	expect(pwrite(fd, (const void *)probed, CODE, PROBED * page) == CODE);
	close(fd);
	snprintf(definition, sizeof(definition), "p:rust_vma_test " PROGRAM ":0x%zx\n",
		 PROBED * page);
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
		/*
		 * The flag is set on a page in the middle, on some pages above it, on the
		 * page below it, and on the rest.
		 */
		{ 1, 2, 0, 3 }, { 2, 4, 0, 3 }, { 0, 1, 0, 2 }, { 4, 8, 0, 1 },
		/* The flag is cleared again, from above. */
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
	expect(!memcmp(OURS + PROBED * page, original, CODE));
	expect(!memcmp(TWIN + PROBED * page, original, CODE));
	expect(write_text(TRACING "uprobe_events", "-:rust_vma_test\n"));
}

static const struct test tests[] = {
	/* The other tests need the first one. The last one removes the probe. */
	test(set_probe),
	test(stay_when_a_vma_is_split_and_merged),
	test(are_set_in_all_vmas_later),
	test(go_when_they_are_told_to),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
