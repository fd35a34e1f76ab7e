// SPDX-License-Identifier: GPL-2.0
/*
 * Merges, and refused merges, for all the properties that a process can give its memory.
 * The kernel has to find every page afterwards.
 */
#include "harness.h"

#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

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
 * Maps a file privately, writes to the mapping, and then moves it. Its file offset
 * continues where the next mapping begins, but its copied pages are found at their former
 * address.
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

/*
 * Checks a difference in a name, a policy or a userfaultfd context that keeps apart VMAs
 * that are otherwise alike.
 */
static void apart_by(const char *blocker)
{
	expect_twins(__LINE__);
	change_twins(0, 4, 0);
	expect_twins(__LINE__);
	change_twins(4, 8, 0);
	expect(strstr(outcome, blocker));
	expect_twins(__LINE__);
	expect(count_vmas() == 2);
	change_twins(2, 6, 1);
	expect_twins(__LINE__);
	change_twins(0, 8, 1);
	expect_twins(__LINE__);
	expect(count_vmas() == 2);
}

static void name(char *start, size_t pages, const char *text)
{
	expect(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, pages * page, text) == 0);
}

static void apart_by_name(void)
{
	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	name(OURS, 4, "one");
	name(TWIN, 4, "one");
	name(OURS + 4 * page, 4, "other");
	name(TWIN + 4 * page, 4, "other");
	apart_by("names differ");
}

/* Two copies of a name are treated as the same name. */
static void together_by_name(void)
{
	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	change_twins(0, 4, 0);
	name(OURS, 4, "same");
	name(TWIN, 4, "same");
	name(OURS + 4 * page, 4, "same");
	name(TWIN + 4 * page, 4, "same");
	change_twins(4, 8, 0);
	expect_twins(__LINE__);
	expect(strstr(outcome, "merged below"));
	expect(count_vmas() == 1);
}

static void bind_to(char *start, size_t pages, unsigned long node)
{
	unsigned long nodes = 1UL << node;

	expect(syscall(SYS_mbind, start, pages * page, MPOL_BIND, &nodes,
		       8 * sizeof(nodes), 0) == 0);
}

static void apart_by_policy(void)
{
	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	bind_to(OURS, 4, 0);
	bind_to(TWIN, 4, 0);
	bind_to(OURS + 4 * page, 4, 1);
	bind_to(TWIN + 4 * page, 4, 1);
	apart_by("NUMA policies differ");
}

/* Two equal policies are treated as the same policy. */
static void together_by_policy(void)
{
	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	change_twins(0, 4, 0);
	bind_to(OURS, 4, 1);
	bind_to(TWIN, 4, 1);
	bind_to(OURS + 4 * page, 4, 1);
	bind_to(TWIN + 4 * page, 4, 1);
	change_twins(4, 8, 0);
	expect_twins(__LINE__);
	expect(strstr(outcome, "merged below"));
	expect(count_vmas() == 1);
}

/*
 * Opens a userfaultfd, and registers pages with it. Both halves of both twins share one,
 * or have separate ones.
 */
static int register_userfaultfd(char *start, size_t pages)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (unsigned long)start, pages * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	expect(fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0);
	expect(ioctl(fd, UFFDIO_REGISTER, &range) == 0);
	return fd;
}

static void apart_by_userfaultfd(void)
{
	int fds[4];

	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fds[0] = register_userfaultfd(OURS, 4);
	fds[1] = register_userfaultfd(TWIN, 4);
	fds[2] = register_userfaultfd(OURS + 4 * page, 4);
	fds[3] = register_userfaultfd(TWIN + 4 * page, 4);
	apart_by("userfaultfd contexts differ");
	for (int i = 0; i < 4; i++)
		close(fds[i]);
}

/*
 * In a child, VMAs that were faulted in before the fork have an inherited anon_vma, and
 * do not merge with VMAs that have none.
 */
static void forked_as_madvise(void)
{
	int status = -1;

	/* The flag dontfork would keep the memory from the child. */
	map_twins(64, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	change_twins(0, 20, 2);
	change_twins(40, 64, 4);
	memset(OURS, 1, 10 * page);
	memset(TWIN, 1, 10 * page);
	memset(OURS + 45 * page, 1, 5 * page);
	memset(TWIN + 45 * page, 1, 5 * page);
	if (!fork()) {
		expect_twins(__LINE__);
		change_twins(20, 40, 2);
		expect_twins(__LINE__);
		expect(strstr(outcome, "below, the neighbour's anon_vma was inherited by fork"));
		change_twins(20, 40, 3);
		change_twins(0, 20, 3);
		expect_twins(__LINE__);
		expect(strstr(outcome, "above, its anon_vma was inherited by fork"));
		srandom(3);
		for (int step = 0; step < 100 && !failed; step++) {
			size_t first = random() % 64;
			size_t last = first + 1 + random() % (64 - first);

			change_twins(first, last, random());
			expect_twins(__LINE__);
		}
		fflush(stdout);
		_exit(failed);
	}
	wait(&status);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* hugetlbfs does not allow a split of a mapping inside a huge page. */
static void hugetlb_as_madvise(void)
{
	size_t huge = 2UL << 20, pages = 2 * huge / page;
	FILE *file = fopen("/proc/sys/vm/nr_hugepages", "w");

	fprintf(file, "4\n");
	fclose(file);
	map_twins(pages, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	OURS[0] = 1;
	TWIN[0] = 1;
	expect(set_flags(1, 2, "+dontfork") == EINVAL);
	expect(strstr(outcome, "its driver says EINVAL"));
	expect(madvise(TWIN + page, page, MADV_DONTFORK) == -1 && errno == EINVAL);
	expect_twins(__LINE__);
	for (unsigned int which = 0; which < 7; which++) {
		change_twins(0, pages / 2, which);
		expect_twins(__LINE__);
	}
	expect(OURS[0] == 1);
}

/* Returns how much memory from base on is mapped as huge pages, in KiB. */
static unsigned long huge_kib(char *base)
{
	unsigned long start = 0, end, new_start, kib, sum = 0;
	FILE *smaps = fopen("/proc/self/smaps", "r");
	char line[512];

	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &new_start, &end) == 2)
			start = new_start;
		if (sscanf(line, "AnonHugePages: %lu", &kib) == 1 &&
		    (char *)start >= base && (char *)start < base + (1UL << 32))
			sum += kib;
	}
	fclose(smaps);
	return sum;
}

/* A huge page that a split of a VMA cuts has to be split first, and only that huge page. */
static void huge_pages_as_madvise(void)
{
	size_t pages = (4UL << 20) / page, middle = pages / 4;

	map_twins(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(madvise(OURS, pages * page, MADV_HUGEPAGE) == 0);
	expect(madvise(TWIN, pages * page, MADV_HUGEPAGE) == 0);
	for (size_t i = 0; i < pages; i++) {
		OURS[i * page] = i;
		TWIN[i * page] = i;
	}
	expect(huge_kib(OURS) == 4096 && huge_kib(TWIN) == 4096);
	change_twins(0, middle, 0);
	expect_twins(__LINE__);
	expect(huge_kib(OURS) == 2048 && huge_kib(TWIN) == 2048);
	/* The border moves up, into the second huge page. */
	change_twins(middle, 3 * middle, 0);
	expect_twins(__LINE__);
	expect(huge_kib(OURS) == 0 && huge_kib(TWIN) == 0);
	for (size_t i = 0; i < pages; i++)
		expect(OURS[i * page] == (char)i);
}

/*
 * Changes random ranges. The kernel finds pages through the rmap trees: anonymous pages
 * for migration, and pages of a file for truncation. It has to find all pages after every
 * split and merge.
 */
static void shuffle(size_t pages)
{
	srandom(4);
	for (int step = 0; step < 200; step++) {
		const char *change = random() % 2 ? "+dontdump" : "-dontdump";
		size_t first = random() % pages;
		size_t last = first + 1 + random() % (pages - first);

		expect(set_flags(first, last, change) == 0);
	}
}

static void migration_finds_all_pages(void)
{
	void *pages[64];
	int nodes[64], status[64];

	must_map(OURS, 64, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 64; i++) {
		OURS[i * page] = i + 1;
		pages[i] = OURS + i * page;
	}
	shuffle(64);
	for (int node = 0; node < 2; node++) {
		for (size_t i = 0; i < 64; i++)
			nodes[i] = node;
		expect(syscall(SYS_move_pages, 0, 64, pages, nodes, status, 0) == 0);
		for (size_t i = 0; i < 64; i++)
			expect(status[i] == node && OURS[i * page] == (char)(i + 1));
	}
}

static void truncation_finds_all_pages(void)
{
	int fd = memfd_create("truncated", 0);

	expect(ftruncate(fd, 64 * page) == 0);
	must_map(OURS, 64, MAP_SHARED, fd);
	memset(OURS, 1, 64 * page);
	shuffle(64);
	expect(ftruncate(fd, 0) == 0);
	for (size_t i = 0; i < 64; i++) {
		pid_t child = fork();
		int status = -1;

		/* Access to a mapped page succeeds; access to a truncated page is a bus error. */
		if (!child)
			_exit(OURS[i * page]);
		waitpid(child, &status, 0);
		expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	}
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
	/* Sealed memory cannot be unmapped, so it is left where no other test maps anything. */
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

		expect(set_flags(first, last, change) == 0);
	}
	for (size_t i = 0; i < 64; i++)
		expect(OURS[i * page] == (char)(i + 1));
}

static const struct test tests[] = {
	test(like_madvise_anonymous),
	test(like_madvise_private),
	test(like_madvise_shared),
	test(moved_private_as_madvise),
	test(apart_by_name),
	test(together_by_name),
	test(apart_by_policy),
	test(together_by_policy),
	test(apart_by_userfaultfd),
	test(forked_as_madvise),
	test(hugetlb_as_madvise),
	test(huge_pages_as_madvise),
	test(special_as_madvise),
	test(droppable_as_madvise),
	test(contents_stay),
	test(migration_finds_all_pages),
	test(truncation_finds_all_pages),
	/* This test is the last one, because sealed memory stays. */
	test(sealed_as_madvise),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
