// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow with correct rules. It finds no difference in calls that C executes, that C
 * refuses, or for which C lacks memory. A comparison that it cannot make is not counted.
 */
#include "harness.h"
#include "engine.h"
#include "fail_nth.h"
#include "shadow.h"
#include <pthread.h>
#include <stdatomic.h>

static void begin_shadow(void)
{
	make_failures_possible();
	expect(!choose("shadow"));
}

static void end_shadow(void)
{
	struct said said = ask();

	/* Otherwise a difference would have caused the fallback to C. */
	expect(!strcmp(said.engine, "shadow") && !said.differences);
	expect(!choose("c"));
}

static void each_call_is_compared_once(void)
{
	begin_shadow();
	agrees(map(0, 8, RW));
	agrees(protect(2, 4, PROT_READ));
	agrees(protect(4, 5, PROT_READ));
	agrees(protect(5, 8, PROT_READ));
	agrees(protect(0, 2, PROT_READ));
	agrees(map(8, 9, PROT_READ));
	agrees(map(10, 11, PROT_READ));
	agrees(map(9, 10, PROT_READ));
	agrees(unmap(0, 1));
	judges(unmap(3, 4), 2, 0, 0);
	/* A mapping that a new one replaces is unmapped first. */
	expect(map(0, 4, RW) && map(4, 8, PROT_READ) && map(8, 12, RW));
	agrees(map(4, 8, RW));
	expect(map(4, 8, PROT_READ));
	judges(map(4, 6, RW), 2, 0, 0);
	judges(map(5, 7, PROT_READ), 3, 0, 0);
	judges(map(4, 7, PROT_NONE), 3, 0, 0);
	end_shadow();
}

/* Each allocation fails in turn, and the shadow cannot judge the call whose allocation fails. */
static void without_memory_to_change(void)
{
	int failures = 0;

	begin_shadow();
	for (size_t i = 0; i < SCENES && !failed; i++) {
		const struct scene *scene = &scenes[i];
		int nth = 0;
		bool done = false;

		while (!done && nth++ < MOST_FAILURES && !failed) {
			size_t first = scene->first, last = scene->last;
			struct said before;
			bool has_failed;

			set_scene(scene);
			before = ask();
			has_failed = with_failure(nth, done = change(first, last));
			if (!done)
				expect(has_failed && errno == EAGAIN);
			expect_judged(&before, done, 0, !done, "change", __LINE__);
			expect(!done || count_vmas() == scene->after);
		}
		expect(done && nth > 1);
		failures += nth - 1;
	}
	printf("  %d allocations failed\n", failures);
	end_shadow();
}

static void without_memory_to_map(void)
{
	/*
	 * The neighbours, and the pages that are written to. The VMA above alone is never
	 * written to: if its anon_vma cannot be cloned, C itself continues with its
	 * iterator in the wrong place, and the tree warns.
	 */
	static const struct {
		bool below, above;
		size_t written[2];
	} neighbours[] = {
		{ true, false, { 0, 4 } },
		{ false, true, { 8, 12 } },
		{ true, true, { 0, 0 } },
		{ true, true, { 0, 4 } },
	};

	begin_shadow();
	for (size_t i = 0; i < sizeof(neighbours) / sizeof(*neighbours); i++) {
		unsigned long without_memory = 0;
		bool has_failed = true;

		for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
			struct said before, after;

			unmap_twins();
			if (neighbours[i].below)
				expect(map(0, 4, RW));
			if (neighbours[i].above)
				expect(map(8, 12, RW));
			write_pages(neighbours[i].written[0], neighbours[i].written[1]);
			before = ask();
			has_failed = with_failure(nth, map(4, 8, RW));
			after = ask();
			/* Allocations before and after the merge fail as well. */
			expect(after.compared + after.without_memory <=
			       before.compared + before.without_memory + 1);
			expect(!after.differences);
			without_memory += after.without_memory - before.without_memory;
		}
		/* Growing into a hole takes no memory. */
		expect(!has_failed);
		expect(without_memory || !neighbours[i].below || !neighbours[i].above);
	}
	end_shadow();
}

static void without_memory_to_cut(void)
{
	unsigned long without_memory = 0;
	bool has_failed = true;

	begin_shadow();
	for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
		struct said before, after;

		unmap_twins();
		expect(map(0, 8, RW));
		write_pages(0, 8);
		before = ask();
		has_failed = with_failure(nth, unmap(2, 4));
		after = ask();
		expect(!after.differences);
		without_memory += after.without_memory - before.without_memory;
	}
	/* Each of the two cuts allocates a VMA, its anon_vma, and nodes for the store. */
	expect(!has_failed && without_memory >= 6);
	end_shadow();
}

/* Unregistering must not fail, so C continues without the merge. */
static void a_merge_that_is_given_up(void)
{
	bool has_failed = true;
	int nth = 0, given_up = 0;

	begin_shadow();
	while (has_failed && nth++ < MOST_FAILURES && !failed) {
		bool is_merged;
		struct said before;
		int fd;

		unmap_twins();
		expect(map(0, 12, RW));
		fd = register_pages(4, 8);
		expect(count_vmas() == 3);
		before = ask();
		has_failed = with_failure(nth, expect(unregister_pages(fd, 4, 8)));
		/*
		 * On a debug kernel, allocations of kmemleak fail as well, which C does
		 * not need.
		 */
		is_merged = count_vmas() == 1;
		expect_judged(&before, is_merged, 0, !is_merged, "unregister", __LINE__);
		expect(is_merged || (has_failed && count_vmas() == 3));
		given_up += !is_merged;
		close(fd);
	}
	expect(!has_failed && given_up);
	end_shadow();
}

/* execve() moves the stack: vma_expand() and vma_shrink(). */
static void without_memory_to_execute(void)
{
	unsigned long without_memory;
	struct said before;

	begin_shadow();
	before = ask();
	for (int nth = 1; nth < MOST_FAILURES; nth++)
		execute_with_failure(nth);
	without_memory = ask().without_memory - before.without_memory;
	printf("  %lu without memory\n", without_memory);
	expect(without_memory >= 2);
	end_shadow();
}

static void a_driver_forbids_it(void)
{
	struct said before;
	bool done = false;

	begin_shadow();
	expect(map_huge());
	agrees(fails(protect(1, 2, PROT_READ), EINVAL));
	agrees(fails(unmap(1, 2), EINVAL));
	/* The first cut is between two huge pages, and the driver forbids the second cut. */
	agrees(fails(protect(TWO_HUGE / 2, TWO_HUGE / 2 + 1, PROT_READ), EINVAL));
	expect(count_vmas() == 2);
	expect(map_huge());
	before = ask();
	with_failure(1, done = protect(TWO_HUGE / 2, TWO_HUGE / 2 + 1, PROT_READ));
	expect(fails(done, ENOMEM));
	expect_judged(&before, 0, 0, 1, "the first cut", __LINE__);
	end_shadow();
}

static void at_the_limit(void)
{
	struct said before;
	bool done = false;
	int limit;

	begin_shadow();
	expect(map(0, 8, RW));
	limit = set_max_map_count(vmas());
	agrees(fails(protect(2, 4, PROT_READ), ENOMEM));
	set_max_map_count(vmas() + 1);
	agrees(fails(protect(2, 4, PROT_READ), ENOMEM));
	expect(count_vmas() == 2);
	/* At the limit, munmap() may still cut once, and this cut may lack memory. */
	set_max_map_count(vmas());
	before = ask();
	with_failure(1, done = unmap(0, 1));
	expect(fails(done, ENOMEM));
	expect_judged(&before, 0, 0, 1, "unmap", __LINE__);
	agrees(unmap(0, 1));
	set_max_map_count(limit);
	end_shadow();
}

static atomic_bool raising;
static atomic_ulong refusals;

/* Raises the limit, which never returns to an earlier value. */
static void *raise_the_limit(void *first)
{
	int limit = *(int *)first;
	unsigned long seen = 0;

	while (raising) {
		if (refusals > seen + 1) {
			seen = refusals;
			set_max_map_count(++limit);
		}
	}
	return NULL;
}

/* The limit may change between the forecast and the call of C, without a fault of either. */
static void a_limit_that_moves(void)
{
	const size_t most = 600;
	struct said before, after;
	int limit, first;
	pthread_t raiser;
	size_t cuts = 0;

	begin_shadow();
	expect(map(0, 2 * most + 1, RW));
	before = ask();
	refusals = 0;
	raising = true;
	/* There is room for the stack of the thread, and for little more. */
	first = vmas() + 4;
	limit = set_max_map_count(first);
	expect(!pthread_create(&raiser, NULL, raise_the_limit, &first));
	while (cuts < most && refusals < 1000000 && !failed) {
		if (protect(2 * cuts + 1, 2 * cuts + 2, PROT_READ))
			cuts++;
		else if (fails(false, ENOMEM))
			refusals++;
		else
			complain("cut %zu: %s", cuts, strerror(errno));
	}
	raising = false;
	pthread_join(raiser, NULL);
	set_max_map_count(limit);
	after = ask();
	printf("  %zu cuts after %lu refusals, the limit moved in %lu\n", cuts,
	       (unsigned long)refusals, after.without_memory - before.without_memory);
	expect(cuts == most && after.without_memory > before.without_memory);
	end_shadow();
}

static const struct test tests[] = {
	test(each_call_is_compared_once),
	test(without_memory_to_change),
	test(without_memory_to_map),
	test(without_memory_to_cut),
	test(a_merge_that_is_given_up),
	test(without_memory_to_execute),
	test(a_driver_forbids_it),
	test(at_the_limit),
	test(a_limit_that_moves),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
