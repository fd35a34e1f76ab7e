/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations for the tests of the shadow: calls that it sees, its judgements of them,
 * and its words in the log.
 */
#include "registered.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* The number of small pages in two huge ones. */
#define TWO_HUGE 1024

static inline bool map(size_t first, size_t last, int protection)
{
	char *addr = OURS + first * page;

	return mmap(addr, (last - first) * page, protection, ANON | MAP_FIXED, -1, 0) == addr;
}

static inline bool map_huge(void)
{
	return mmap(OURS, TWO_HUGE * page, RW, ANON | MAP_FIXED | MAP_HUGETLB | MAP_NORESERVE, -1,
		    0) == OURS;
}

static inline bool protect(size_t first, size_t last, int protection)
{
	return !mprotect(OURS + first * page, (last - first) * page, protection);
}

static inline bool unmap(size_t first, size_t last)
{
	return !munmap(OURS + first * page, (last - first) * page);
}

/* Returns whether a call has failed with this errno. */
static inline bool fails(bool done, int number)
{
	return !done && errno == number;
}

static inline void write_pages(size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		OURS[i * page] = i + 1;
}

/* Returns the number of VMAs of this process, without a call that the hook sees. */
static inline int vmas(void)
{
	static char text[1 << 18];
	int fd = open("/proc/self/maps", O_RDONLY), count = 0;

	read_all(fd, text, sizeof(text));
	close(fd);
	/* On x86, the vsyscall page is not a VMA. */
	if (strstr(text, "[vsyscall]"))
		count--;
	for (char *c = text; *c; c++)
		count += *c == '\n';
	return count;
}

/* Expects that the shadow has compared this many calls since then, with these results. */
static inline void expect_judged(const struct said *before, unsigned long compared,
				 unsigned long differences, unsigned long without_memory,
				 const char *what, int line)
{
	struct said after = ask();

	after.compared -= before->compared;
	after.differences -= before->differences;
	after.without_memory -= before->without_memory;
	if (after.compared != compared || after.differences != differences ||
	    after.without_memory != without_memory)
		complain("line %d: %s: %lu compared, %lu differences, %lu without memory; "
			 "not %lu, %lu, %lu", line, what, after.compared, after.differences,
			 after.without_memory, compared, differences, without_memory);
}

/* Does something, and expects this judgement of the shadow. */
#define judges(action, compared, differences, without_memory)                  \
	do {                                                                   \
		struct said before_it = ask();                                 \
		if (!(action))                                                 \
			complain("line %d: not so: %s", __LINE__, #action);    \
		expect_judged(&before_it, compared, differences, without_memory, #action, \
			      __LINE__);                                       \
	} while (0)

#define agrees(action) judges(action, 1, 0, 0)
#define differs(action) judges(action, 1, 1, 0)

/* Changes one flag of pages. Fails with EAGAIN without memory. */
static inline bool change(size_t first, size_t last)
{
	return !madvise(OURS + first * page, (last - first) * page, MADV_DONTFORK);
}

/* A scene of twelve pages, of which some have the flag, and some are written to. */
struct scene {
	size_t changed[2][2];
	size_t written[2];
	/* The pages that get the flag. */
	size_t first, last;
	/* The numbers of VMAs before and after. */
	int before, after;
};

static const struct scene scenes[] = {
	/* Splits at both ends, or at one; written memory has an anon_vma to clone. */
	{ .written = { 0, 12 }, .first = 4, .last = 8, .before = 1, .after = 3 },
	{ .first = 4, .last = 8, .before = 1, .after = 3 },
	{ .written = { 0, 12 }, .last = 4, .before = 1, .after = 2 },
	{ .written = { 0, 12 }, .first = 4, .last = 12, .before = 1, .after = 2 },
	/* Merges with both neighbours, and merges of the whole or a part with prev or with next. */
	{ .changed = { { 0, 4 }, { 8, 12 } }, .written = { 4, 8 }, .first = 4, .last = 8,
	  .before = 3, .after = 1 },
	{ .changed = { { 0, 4 } }, .written = { 4, 12 }, .first = 4, .last = 12,
	  .before = 2, .after = 1 },
	{ .changed = { { 0, 4 } }, .written = { 4, 12 }, .first = 4, .last = 6,
	  .before = 2, .after = 2 },
	{ .changed = { { 8, 12 } }, .written = { 0, 8 }, .last = 8, .before = 2, .after = 1 },
	{ .changed = { { 8, 12 } }, .written = { 0, 8 }, .first = 6, .last = 8,
	  .before = 2, .after = 2 },
};

#define SCENES (sizeof(scenes) / sizeof(*scenes))

static inline void set_scene(const struct scene *scene)
{
	unmap_twins();
	expect(map(0, 12, RW));
	for (int i = 0; i < 2; i++) {
		size_t first = scene->changed[i][0], last = scene->changed[i][1];

		if (first < last)
			expect(change(first, last));
	}
	write_pages(scene->written[0], scene->written[1]);
	expect(count_vmas() == scene->before);
}
