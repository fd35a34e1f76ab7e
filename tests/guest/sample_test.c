// SPDX-License-Identifier: GPL-2.0
/*
 * The sample module (samples/). It reports what it has done to the process that loads it,
 * which is afterwards as before.
 */
#include "harness.h"
#include "engine.h"

/* An address below everything else, so that the sample finds a mapping there first. */
#define LOWEST ((char *)0x20000UL)

static char before[1 << 16], after[1 << 16];

static void read_maps(char *text, size_t size)
{
	int fd = open("/proc/self/maps", O_RDONLY);

	read_all(fd, text, size);
	close(fd);
}

/* Returns the number of VMAs in maps. x86's vsyscall page is not a VMA. */
static int vmas_in(const char *maps)
{
	int count = 0;

	for (const char *c = maps; *c; c++)
		count += *c == '\n';
	return count - !!strstr(maps, "[vsyscall]");
}

/* Loads the sample, which has to find `pages` pages at LOWEST and cut them at `cut`. */
static void load_sample(size_t pages, size_t cut)
{
	static char words[3][128];
	const char *const all[] = { words[0], words[1], words[2] };
	unsigned long start = (unsigned long)LOWEST, end = start + pages * page;
	int count;

	read_maps(before, sizeof(before));
	count = vmas_in(before);
	sprintf(words[0], "rust_vma_sample: %d VMAs, one at %lx-%lx\n", count, start, end);
	sprintf(words[1], "rust_vma_sample: %d VMAs after a cut at %lx\n", count + 1,
		start + cut * page);
	sprintf(words[2], "rust_vma_sample: %d VMAs, one at %lx-%lx\n", count, start, end);

	begin_log();
	expect(!load("rust_vma_sample", ""));
	expect(!unload("rust_vma_sample"));
	expect_in_log(all, 3, __LINE__);
	read_maps(after, sizeof(after));
	expect(!strcmp(before, after));
}

/* The two parts share an anon_vma, and the pages stay in place. */
static void cut_and_merge_faulted_pages(void)
{
	must_map(LOWEST, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 3; i++)
		LOWEST[i * page] = 'a' + i;
	load_sample(3, 1);
	for (size_t i = 0; i < 3; i++)
		expect(LOWEST[i * page] == 'a' + (char)i);
	munmap(LOWEST, 3 * page);
}

static void cut_and_merge_pages_that_nobody_touched(void)
{
	must_map(LOWEST, 512, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	load_sample(512, 256);
	munmap(LOWEST, 512 * page);
}

/* One page cannot be cut, so that a mapping further up is taken. */
static void skip_one_page(void)
{
	must_map(LOWEST, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	begin_log();
	expect(!load("rust_vma_sample", ""));
	expect(!unload("rust_vma_sample"));
	expect(times_in_log("one at 20000-") == 0 && times_in_log("one at ") == 2);
	munmap(LOWEST, page);
}

/* The limit leaves no room for the cut, so that the module is not loaded, and nothing changes. */
static void fail_at_the_limit(void)
{
	int limit;

	must_map(LOWEST, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	read_maps(before, sizeof(before));
	limit = set_max_map_count(1);
	expect(load("rust_vma_sample", "") == ENOMEM);
	set_max_map_count(limit);
	read_maps(after, sizeof(after));
	expect(!strcmp(before, after));
	expect(unload("rust_vma_sample") == ENOENT);
	munmap(LOWEST, 2 * page);
}

static const struct test tests[] = {
	test(cut_and_merge_faulted_pages),
	test(cut_and_merge_pages_that_nobody_touched),
	test(skip_one_page),
	test(fail_at_the_limit),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
