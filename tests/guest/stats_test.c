// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of the file stats: a known call, by the kernel with Rust as the engine or
 * through ctl, has to change exactly the expected lines, by exactly the expected numbers.
 */
#include "harness.h"
#include "fail_nth.h"
#include "registered.h"
#include "stats.h"
#include <sys/prctl.h>
#include <sys/shm.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static bool protect(size_t first, size_t last, int protection)
{
	return !mprotect(OURS + first * page, (last - first) * page, protection);
}

static bool map(size_t first, size_t last, int protection, int flags, int fd, size_t from)
{
	char *addr = OURS + first * page;

	return mmap(addr, (last - first) * page, protection, flags | MAP_FIXED, fd,
		    from * page) == addr;
}

static bool unmap(size_t first, size_t last)
{
	return !munmap(OURS + first * page, (last - first) * page);
}

/* Every way in which a part of a VMA can change. */
static void changes_of_a_part(void)
{
	choose("rust");
	counts(map(0, 8, RW, ANON, -1, 0),
	       "vma_merge_new_range not-merged 1; not-adjacent 1 1; ");
	counts(protect(2, 4, PROT_READ), "vma_modify_flags split-both 1; neither-end 1 1; ");
	counts(protect(4, 5, PROT_READ), "vma_modify_flags prev-part 1; rest-of-vma 0 1; ");
	counts(protect(5, 8, PROT_READ), "vma_modify_flags prev-whole 1; not-adjacent 0 1; ");
	counts(protect(1, 2, PROT_READ), "vma_modify_flags next-part 1; rest-of-vma 1 0; ");
	counts(protect(0, 1, PROT_READ), "vma_modify_flags next-whole 1; not-adjacent 1 0; ");
	expect(count_vmas() == 1);

	counts(protect(0, 2, RW),
	       "vma_modify_flags split-end 1; not-adjacent 1 0; rest-of-vma 0 1; ");
	counts(protect(6, 8, RW),
	       "vma_modify_flags split-start 1; not-adjacent 0 1; rest-of-vma 1 0; ");
	counts(protect(2, 6, PROT_NONE), "vma_modify_flags whole 1; flags 1 1; ");
	counts(protect(2, 6, RW), "vma_modify_flags both 1; ");
	expect(count_vmas() == 1);
	choose("c");
}

static void new_ranges(void)
{
	choose("rust");
	expect(map(0, 2, RW, ANON, -1, 0));
	counts(map(2, 4, RW, ANON, -1, 0),
	       "vma_merge_new_range prev-whole 1; not-adjacent 0 1; ");
	counts(map(6, 8, RW, ANON, -1, 0),
	       "vma_merge_new_range not-merged 1; not-adjacent 1 1; ");
	counts(map(5, 6, RW, ANON, -1, 0),
	       "vma_merge_new_range next-whole 1; not-adjacent 1 0; ");
	counts(map(4, 5, RW, ANON, -1, 0), "vma_merge_new_range both 1; ");
	counts(map(8, 9, PROT_READ, ANON, -1, 0),
	       "vma_merge_new_range not-merged 1; not-adjacent 0 1; flags 1 0; ");
	counts(unmap(2, 4), "__split_vma split 2; ");
	counts(unmap(4, 5), "__split_vma split 1; ");
	counts(unmap(0, 2), "");
	choose("c");
}

/* Makes a file of this many pages, which disappears when it is closed. */
static int make_file(size_t pages)
{
	int fd = memfd_create("stats", 0);

	expect(fd >= 0 && !ftruncate(fd, pages * page));
	return fd;
}

static void blockers_on_either_side(void)
{
	int fd = make_file(16), other = make_file(16);

	choose("rust");
	expect(map(4, 5, RW, MAP_SHARED, fd, 4));
	counts(map(5, 6, RW, MAP_SHARED, fd, 6),
	       "vma_merge_new_range not-merged 1; not-adjacent 0 1; pgoff 1 0; ");
	counts(map(3, 4, RW, MAP_SHARED, other, 3),
	       "vma_merge_new_range not-merged 1; not-adjacent 1 0; file 0 1; ");
	/* One side merges, the other does not. */
	counts(map(6, 7, RW, MAP_SHARED, fd, 7),
	       "vma_merge_new_range prev-whole 1; not-adjacent 0 1; ");
	counts(map(2, 3, RW, MAP_SHARED, fd, 3),
	       "vma_merge_new_range not-merged 1; not-adjacent 1 0; file 0 1; ");
	close(fd);
	close(other);
	unmap_twins();

	expect(map(0, 6, RW, ANON, -1, 0));
	counts(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, OURS + 2 * page, 2 * page, "stats"),
	       "vma_modify_name split-both 1; neither-end 1 1; ");
	/* The range has a name, but its neighbours do not. */
	counts(!madvise(OURS + 2 * page, 2 * page, MADV_DONTDUMP),
	       "vma_modify_flags whole 1; flags 1 1; ");
	expect(!madvise(OURS, 2 * page, MADV_DONTDUMP));
	counts(!madvise(OURS + 4 * page, 2 * page, MADV_DONTDUMP),
	       "vma_modify_flags whole 1; not-adjacent 0 1; name 1 0; ");
	choose("c");
}

/* A VMA with a close hook must not disappear in a merge. */
static void a_close_hook(void)
{
	int segment = shmget(IPC_PRIVATE, 4 * page, IPC_CREAT | 0600);

	choose("rust");
	expect(shmat(segment, OURS, 0) == OURS);
	shmctl(segment, IPC_RMID, NULL);
	counts(protect(1, 2, PROT_READ), "vma_modify_flags split-both 1; neither-end 1 1; ");
	/*
	 * The VMA after it must not disappear either, so that the merge would be with the
	 * VMA before it.
	 */
	counts(protect(1, 2, RW), "vma_modify_flags whole 1; close 1 1; ");
	/* The only neighbour is the VMA after it, with which it cannot merge either. */
	expect(protect(0, 1, PROT_READ));
	counts(protect(0, 1, RW), "vma_modify_flags whole 1; not-adjacent 1 0; close 0 1; ");
	/* The VMA after it has other rights. */
	expect(protect(2, 3, PROT_READ) && protect(1, 2, PROT_NONE));
	counts(protect(1, 2, RW), "vma_modify_flags whole 1; flags 0 1; close 1 0; ");
	choose("c");
}

/* Returns the number of VMAs of this process, without a call that would be counted. */
static int vmas(void)
{
	static char text[1 << 16];
	int count = 0;

	read_file("/proc/self/maps", text, sizeof(text));
	for (char *c = text; *c; c++)
		count += *c == '\n';
	return count;
}

static bool fails(int result, int number)
{
	return result == -1 && errno == number;
}

/* Sums the calls that Rust has executed for the kernel, of all helpers, in the file engine. */
static unsigned long executed_by_rust(void)
{
	static char text[4096];
	unsigned long sum = 0, count;

	read_file(ENGINE, text, sizeof(text));
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*s %*u %lu %*u", &count) == 1)
			sum += count;
	}
	return sum;
}

/* Gives a command about some pages. Returns the errno. */
static int ctl_about(const char *verb, size_t first, size_t last, const char *words)
{
	return ctl("%s %d %lx %lx %s", verb, getpid(), (unsigned long)OURS + first * page,
		   (unsigned long)OURS + last * page, words);
}

/* Cuts the VMA at OURS through ctl. Returns the errno. */
static int cut(size_t at)
{
	return ctl("split %d %lx", getpid(), (unsigned long)OURS + at * page);
}

/*
 * Expects that the sums in the text are those of the lines below them. Returns the number
 * of sums.
 */
static int right_sums(void)
{
	const char *at = after;
	unsigned long sum = 0, below = 0;
	struct line line;
	int sums = 0;

	while (*at) {
		at = read_line(at, &line);
		if (line.numbers == 1 && !strstr(line.words, " all"))
			below += line.counts[0];
		if (line.numbers == 1 && strstr(line.words, " all")) {
			expect(sum == below);
			sum = line.counts[0];
			below = 0;
			sums++;
		}
	}
	expect(sum == below);
	return sums;
}

/* Failed calls are counted, and the file engine counts those of the kernel as well. */
static void failures(void)
{
	unsigned long executed;
	int limit;

	choose("rust");
	expect(map(0, 8, RW, ANON, -1, 0));
	limit = set_max_map_count(vmas());
	executed = executed_by_rust();
	counts(fails(mprotect(OURS + page, page, PROT_READ), ENOMEM),
	       "vma_modify_flags limit 1; neither-end 1 1; ");
	counts(cut(2) == ENOMEM, "split_vma limit 1; ");
	expect(executed_by_rust() == executed + 1);
	set_max_map_count(limit);

	/* A huge page cannot be cut, as its driver says. */
	expect(map(0, 1024, RW, ANON | MAP_HUGETLB | MAP_NORESERVE, -1, 0));
	executed = executed_by_rust();
	counts(fails(mprotect(OURS + page, page, PROT_READ), EINVAL),
	       "vma_modify_flags refused 1; special 1 1; ");
	counts(fails(munmap(OURS + page, page), EINVAL), "__split_vma refused 1; ");
	counts(cut(1) == EINVAL, "split_vma refused 1; ");
	expect(executed_by_rust() == executed + 2);
	expect(right_sums() >= 3);
	choose("c");
}

/* Each call without memory is counted as such; a merge without memory has no blocker. */
static void no_memory(void)
{
	unsigned long executed;
	bool has_failed = true;
	int result = 0, changes_that_failed = 0, merges_that_failed = 0, merges = 0, cuts = 0;
	char *pages = OURS + 2 * page;

	make_failures_possible();
	choose("rust");
	for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
		unmap_twins();
		expect(map(0, 8, RW, ANON, -1, 0));
		executed = executed_by_rust();
		begin();
		has_failed = with_failure(nth, result = mprotect(pages, 2 * page, PROT_READ));
		/*
		 * On a debug kernel, allocations of kmemleak fail as well, which the call
		 * does not need.
		 */
		expect(!result || (has_failed && fails(result, ENOMEM)));
		changes_that_failed += !!result;
		expect(executed_by_rust() == executed + 1);
		expect_changes(result ? "vma_modify_flags no-memory 1; neither-end 1 1; " :
			       "vma_modify_flags split-both 1; neither-end 1 1; ", __LINE__);
	}
	expect(!has_failed && changes_that_failed >= 2);

	/* The same applies to a merge. */
	has_failed = true;
	for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
		unmap_twins();
		expect(map(0, 8, RW, ANON, -1, 0) && protect(2, 4, PROT_READ));
		begin();
		has_failed = with_failure(nth, result = mprotect(pages, 2 * page, RW));
		expect(!result || has_failed);
		merges_that_failed += !!result;
		expect_changes(result ? "vma_modify_flags no-memory 1; " :
			       "vma_modify_flags both 1; ", __LINE__);
	}
	expect(!has_failed && merges_that_failed);

	/* A range that does not merge is mapped as a separate VMA. */
	for (int nth = 1; !failed && nth < MOST_FAILURES; nth++) {
		const char *found;

		unmap_twins();
		expect(map(0, 4, RW, ANON, -1, 0) && map(8, 12, RW, ANON, -1, 0));
		begin();
		has_failed = with_failure(nth, map(4, 8, RW, ANON, -1, 0));
		found = changes();
		if (!has_failed)
			break;
		if (!strcmp(found, "vma_merge_new_range no-memory 1; "))
			merges++;
		else if (*found)
			expect(!strcmp(found, "vma_merge_new_range both 1; "));
	}
	expect(!has_failed && merges >= 1);

	for (int nth = 1; !failed && nth < MOST_FAILURES; nth++) {
		const char *found;

		unmap_twins();
		expect(map(0, 8, RW, ANON, -1, 0));
		begin();
		has_failed = with_failure(nth, unmap(2, 4));
		found = changes();
		if (!has_failed)
			break;
		if (!strcmp(found, "__split_vma no-memory 1; ") ||
		    !strcmp(found, "__split_vma split 1; __split_vma no-memory 1; "))
			cuts++;
		else
			expect(!strcmp(found, "__split_vma split 2; "));
	}
	expect(!has_failed && cuts >= 4);
	choose("c");
}

/*
 * execve() moves the stack, and its counters tell whether memory failed. The number of
 * allocations before that varies from one process to the next, so all are tried again
 * until both failures were seen.
 */
static void no_memory_to_execute(void)
{
	int expansions = 0, shrinkings = 0, tries = MOST_FAILURES;

	make_failures_possible();
	choose("rust");
	for (int i = 0; i < tries; i++) {
		char *found;

		begin();
		execute_with_failure(1 + i % MOST_FAILURES);
		found = changes();
		if (strstr(found, "vma_expand no-memory 1; ")) {
			expansions++;
			expect(!strstr(found, "vma_expand expanded"));
			expect(!strstr(found, "vma_shrink"));
		}
		if (strstr(found, "vma_shrink no-memory 1; ")) {
			shrinkings++;
			expect(strstr(found, "vma_expand expanded 1; "));
			expect(!strstr(found, "vma_shrink shrunk"));
		}
		if (i == tries - 1 && !(expansions && shrinkings) && tries < 10 * MOST_FAILURES)
			tries += MOST_FAILURES;
	}
	printf("  %d expansions, %d shrinkings\n", expansions, shrinkings);
	expect(expansions && shrinkings);
	choose("c");
}

/* A merge that is given up leaves the VMA as it is, and is not a failure. */
static void a_merge_that_is_given_up(void)
{
	bool has_failed;
	int fd;

	make_failures_possible();
	choose("rust");
	expect(map(0, 8, RW, ANON, -1, 0));
	fd = register_pages(4, 8);
	begin();
	has_failed = with_failure(1, expect(unregister_pages(fd, 4, 8)));
	expect(has_failed && count_vmas() == 2);
	expect_changes("vma_modify_flags_uffd whole 1; ", __LINE__);
	close(fd);
	choose("c");
}

/*
 * Beside the shadow, C's lack of memory is counted as that of Rust is: a merge that fails,
 * and one that is given up.
 */
static void no_memory_beside_the_shadow(void)
{
	bool has_failed = true;
	int failed_merges = 0, given_up = 0, result, fd;

	make_failures_possible();
	choose("shadow");
	for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
		unmap_twins();
		expect(map(0, 8, RW, ANON, -1, 0) && protect(2, 4, PROT_READ));
		begin();
		has_failed = with_failure(nth, result = mprotect(OURS + 2 * page, 2 * page, RW));
		failed_merges += !!result;
		expect_changes(result ? "vma_modify_flags no-memory 1; " :
			       "vma_modify_flags both 1; ", __LINE__);
	}
	expect(!has_failed && failed_merges);

	has_failed = true;
	for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
		bool is_merged;

		unmap_twins();
		expect(map(0, 12, RW, ANON, -1, 0));
		fd = register_pages(4, 8);
		begin();
		has_failed = with_failure(nth, expect(unregister_pages(fd, 4, 8)));
		is_merged = count_vmas() == 1;
		given_up += !is_merged;
		expect_changes(is_merged ? "vma_modify_flags_uffd both 1; " :
			       "vma_modify_flags_uffd whole 1; ", __LINE__);
		close(fd);
	}
	expect(!has_failed && given_up);
	choose("c");
}

/*
 * Each verb is counted for the helper that it calls, and none of its calls is counted for
 * the kernel.
 */
static void every_verb(void)
{
	unsigned long executed;

	must_map(OURS, 8, ANON, -1);
	executed = executed_by_rust();
	counts(ctl_about("protect", 0, 2, "r--") == 0,
	       "vma_modify_flags split-end 1; not-adjacent 1 0; rest-of-vma 0 1; ");
	counts(ctl_about("name", 0, 2, "stats") == 0,
	       "vma_modify_flags_name whole 1; not-adjacent 1 0; flags 0 1; ");
	counts(ctl_about("policy", 0, 2, "bind:0") == 0,
	       "vma_modify_policy whole 1; not-adjacent 1 0; policy 0 1; ");
	counts(ctl_about("new", 12, 14, "") == 0,
	       "vma_merge_new_range not-merged 1; not-adjacent 1 1; ");
	counts(ctl_about("new", 14, 16, "") == 0,
	       "vma_merge_new_range prev-whole 1; not-adjacent 0 1; ");
	counts(ctl_about("extend", 8, 10, "") == 0,
	       "vma_merge_extend prev-whole 1; not-adjacent 0 1; ");
	counts(cut(4) == 0, "split_vma split 1; ");
	/* The VMA below the pair is left out, so that it has no blocker. */
	counts(ctl_about("merge", 2, 6, "") == 0, "vma_modify_flags next-whole 1; ");
	expect(cut(4) == 0 && set_flags(4, 8, "+dontfork") == 0);
	counts(ctl_about("merge", 2, 6, "") == 0, "vma_modify_flags whole 1; flags 0 1; ");
	expect(executed_by_rust() == executed);
}

/* Calls of ctl are counted separately from those of the kernel. */
static void through_ctl(void)
{
	must_map(OURS, 8, ANON, -1);
	counts(set_flags(2, 4, "+dontfork") == 0,
	       "vma_modify_flags split-both 1; neither-end 1 1; ");
	/* One of the two VMAs already has the flag, and no helper is called for it. */
	counts(set_flags(1, 4, "+dontfork") == 0,
	       "vma_modify_flags next-part 1; rest-of-vma 1 0; ");
	counts(set_flags(0, 8, "-dontfork") == 0, "vma_modify_flags both 1; ");
	counts(set_flags(0, 9, "+dontfork") == ENOMEM, "");
	counts(ctl("frobnicate") == EINVAL, "");
}

/* While C is the engine, nothing is counted, unless Rust is its shadow. */
static void calls_of_c(void)
{
	static const char *const counted[][2] = {
		{ "c", "" },
		{ "shadow", "vma_modify_flags both 1; vma_modify_flags split-both 1; "
			    "vma_merge_new_range not-merged 1; __split_vma split 2; "
			    "not-adjacent 1 1; neither-end 1 1; " },
	};

	for (size_t i = 0; i < 2; i++) {
		choose(counted[i][0]);
		counts(map(0, 8, RW, ANON, -1, 0) && protect(2, 4, PROT_READ) &&
		       protect(2, 4, RW) && unmap(3, 4) && unmap(0, 8), counted[i][1]);
	}
	choose("c");
}

/* A call that C executes beside the shadow is never counted as executed by Rust. */
static void calls_beside_the_shadow(void)
{
	unsigned long executed, all;
	struct line after_all;
	pid_t child;

	expect(map(0, 8, RW, ANON, -1, 0));
	choose("shadow");
	executed = executed_by_rust();
	begin();
	all = find(before, "vma_modify_flags all").counts[0];
	child = fork();
	if (!child) {
		while (protect(2, 4, PROT_READ) && protect(2, 4, RW))
			continue;
		_exit(1);
	}
	for (int i = 0; i < 1000 && !failed; i++)
		expect(executed_by_rust() == executed);
	kill(child, SIGKILL);
	expect(waitpid(child, NULL, 0) == child);
	read_file(STATS, after, sizeof(after));
	after_all = find(after, "vma_modify_flags all");
	printf("  %lu calls\n", after_all.counts[0] - all);
	expect(after_all.counts[0] - all > 100);
	choose("c");
}

/* Both processors count, and their counts are added up. exec moves the stack. */
static void on_every_processor(void)
{
	cpu_set_t all, one;
	int status;
	pid_t child;

	sched_getaffinity(0, sizeof(all), &all);
	choose("rust");
	expect(map(0, 8, RW, ANON, -1, 0));
	begin();
	for (int cpu = 0; cpu < CPU_COUNT(&all); cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		expect(!sched_setaffinity(0, sizeof(one), &one));
		for (int i = 0; i < 1000; i++)
			expect(protect(2, 4, i % 2 ? RW : PROT_READ));
	}
	sched_setaffinity(0, sizeof(all), &all);
	expect(CPU_COUNT(&all) == 2);
	expect_changes("vma_modify_flags both 1000; vma_modify_flags split-both 1000; "
		       "neither-end 1000 1000; ",
		       __LINE__);

	begin();
	child = fork();
	if (!child) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	expect(waitpid(child, &status, 0) == child && !status);
	expect(strstr(changes(), "vma_expand expanded 1; vma_shrink shrunk 1; "));
	choose("c");
}

/* Returns the sum in the file engine. */
static unsigned long modifications_by_rust(void)
{
	static char text[4096];
	unsigned long count = 0;

	read_file(ENGINE, text, sizeof(text));
	expect(sscanf(strstr(text, "vma_modify_flags "), "vma_modify_flags %*u %lu", &count) == 1);
	return count;
}

/* The sums match the lines below them, and the counts in the file engine. */
static void the_sums_are_right(void)
{
	unsigned long executed;

	choose("rust");
	expect(!write_to(STATS, "reset", 5));
	executed = modifications_by_rust();
	expect(map(0, 8, RW, ANON, -1, 0) && protect(2, 4, PROT_READ) &&
	       protect(1, 2, PROT_READ) && protect(1, 4, RW) && unmap(3, 4));
	read_file(STATS, after, sizeof(after));
	expect(find(after, "vma_modify_flags all").counts[0] == 3);
	expect(modifications_by_rust() == executed + 3);
	choose("c");

	expect(right_sums() == 3);
}

static void begins_anew(void)
{
	static const char *const words[] = { "reset\n", "reset", "  reset" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		must_map(OURS, 8, ANON, -1);
		expect(set_flags(2, 4, "+dontfork") == 0);
		read_file(STATS, after, sizeof(after));
		expect(find(after, "vma_modify_flags split-both").counts[0] == 1 || !i);
		expect(find(after, "neither-end").counts[1] == 1 || !i);
		expect(!write_to(STATS, words[i], strlen(words[i])));
		/* Only the headings remain. */
		read_file(STATS, after, sizeof(after));
		if (strcmp(after, "helper                   outcome             calls\n"
			   "blocker                         below        above\n"))
			complain("after '%s': %s", words[i], after);
		unmap_twins();
	}
}

static void other_words_are_refused(void)
{
	static const char *const words[] = {
		"", "\n", "Reset", "resets", "reset now", "reset\nreset", "0", "\xff",
		"reset and more than that",
	};

	must_map(OURS, 8, ANON, -1);
	expect(set_flags(2, 4, "+dontfork") == 0);
	begin();
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		expect(write_to(STATS, words[i], strlen(words[i])) == EINVAL);
		expect(strstr(outcome, "refused (EINVAL): "));
		expect(strstr(outcome, "write reset; nothing has changed"));
	}
	expect_changes("", __LINE__);
}

static const struct test tests[] = {
	test(changes_of_a_part),
	test(new_ranges),
	test(blockers_on_either_side),
	test(a_close_hook),
	test(failures),
	test(no_memory),
	test(no_memory_to_execute),
	test(a_merge_that_is_given_up),
	test(no_memory_beside_the_shadow),
	test(through_ctl),
	test(every_verb),
	test(calls_of_c),
	test(calls_beside_the_shadow),
	test(on_every_processor),
	test(the_sums_are_right),
	test(begins_anew),
	test(other_words_are_refused),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
