// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow of the test module, whose rules are wrong in one way each
 * (kunit/wrong_rule.rs): every kind of difference is noticed, reported once, and not
 * excused.
 */
#include "harness.h"
#include "engine.h"
#include "fail_nth.h"
#include "shadow.h"
#include "wrong_rule.h"
#include <pthread.h>
#include <stdatomic.h>

/* Merges a page into the VMA before it, which the wrong rule would not do. */
static void merge_left(void)
{
	expect(map(0, 4, RW) && protect(0, 2, PROT_READ) && protect(2, 3, PROT_READ));
	expect(count_vmas() == 2);
	unmap_twins();
}

static void c_takes_over(void)
{
	struct said said;

	use_test_module("engine=2", "none");
	begin_log();
	expect(!strcmp(ask().engine, "shadow"));
	merge_left();
	said = ask();
	expect(said.differences == 1);
	expect(!strcmp(said.engine, "c"));
	merge_left();
	expect(ask().differences == 1);
	log_says(BY_MPROTECT ": Rust and C differ\n",
		 "asked   700000002000-700000003000 700000002 700000002 flags ",
		 "prev    700000000000-700000002000 700000000 700000000 flags ",
		 "middle  700000002000-700000004000 700000002 700000002 flags ",
		 "Rust returns middle, and leaves\n",
		 "prev    700000000000-700000002000 700000000 700000000\n",
		 "middle  700000002000-700000003000 700000002 700000002\n",
		 "new     700000003000-700000004000 700000003 700000003\n",
		 "C returns prev, and leaves\n",
		 "prev    700000000000-700000003000 700000000 700000000\n",
		 "middle  700000003000-700000004000 700000003 700000003\n",
		 BY_MPROTECT ": Rust and C differ; falling back to C\n");
	expect(times_in_log("asked  ") == 1 && times_in_log("falling back") == 1);
	end_wrong();
}

/* While `keep` is set, the log reports a difference once after each choice. */
static void told_to_go_on(void)
{
	static const char words[] = "Rust and C differ; keep is set\n";

	begin_wrong(DECISIONS);
	for (int choice = 1; choice <= 3; choice++) {
		expect(!choose("shadow keep"));
		expect(times_in_log(words) == choice - 1);
		merge_left();
		expect(times_in_log(words) == choice);
		merge_left();
		expect(times_in_log(words) == choice);
		expect(!strcmp(ask().engine, "shadow keep"));
	}
	expect(ask().differences == 6 && !ask().refused);
	expect(times_in_log("asked  ") == 1 && !times_in_log("falling back"));
	/* A choice without `keep` clears it. */
	expect(!choose("shadow"));
	merge_left();
	expect(!strcmp(ask().engine, "c"));
	expect(times_in_log("Rust and C differ; falling back to C\n") == 1);
	end_wrong();
}

/* Calls that make no sense are distinguished from differences, while `keep` is set. */
static void nonsense_under_the_shadow(void)
{
	static const char run[] = "/sys/kernel/debug/kunit/rust_vma_nonsense/run";
	static const char told[] = BY_MMAP ": Rust cannot accept the arguments";
	struct said before, after;

	use_test_module("engine=2 wrong=0", "rust_vma_nonsense.is_noticed_by_the_shadow");
	before = ask();
	expect(!strcmp(before.engine, "c"));
	expect(before.compared == 1 && before.differences == 1 && before.refused == 1);
	/* The call is one of those that were left to C. */
	expect(!executed(&before, SHADOW, "") && executed(&before, C, BY_MMAP));

	begin_log();
	expect(!choose("shadow keep"));
	merge_left();
	expect(times_in_log("Rust and C differ; keep is set\n") == 1);
	before = ask();
	expect(!write_to(run, "1", 1));
	after = ask();
	expect(after.refused == before.refused + 1);
	expect(after.differences == before.differences + 1);
	expect(after.compared == before.compared + 1);
	expect(times_in_log(told) == 1);
	expect(times_in_log("accept the arguments; keep is set\n") == 1);
	expect(!strcmp(ask().engine, "shadow keep"));
	end_wrong();
}

/* Each function does something that its wrong rule does not predict. */
static void each_function_is_watched(void)
{
	static const char *const functions[] = {
		BY_MPROTECT, BY_MMAP, BY_MUNMAP, BY_STACK_UP, BY_STACK_DOWN,
	};
	static const enum wrong all_wrong[] = { ANSWERS, OFFSETS, ANON_OFFSETS, RANGES };

	for (size_t i = 0; i < sizeof(all_wrong) / sizeof(*all_wrong); i++) {
		begin_wrong(all_wrong[i]);
		expect(!choose("shadow keep"));
		expect(map(0, 8, RW));
		differs(map(8, 10, RW));
		differs(protect(2, 4, PROT_READ));
		differs(protect(2, 4, RW));
		differs(unmap(0, 1));
		enter_each();
		for (size_t j = 0; j < sizeof(functions) / sizeof(*functions); j++) {
			char words[64];

			sprintf(words, "%s: Rust and C differ\n", functions[j]);
			if (times_in_log(words) < 1)
				complain("%d: the log does not say '%s'", all_wrong[i], words);
		}
		if (all_wrong[i] == ANSWERS)
			log_says("Rust fails with ", "C returns ",
				 "Rust fails with ", "C is done, and leaves\n");
		end_wrong();
	}

	begin_wrong(DECISIONS);
	expect(!choose("shadow keep"));
	expect(map(0, 4, RW) && map(8, 12, RW));
	differs(map(4, 8, RW));
	differs(unmap(0, 1));
	expect(protect(1, 4, PROT_READ));
	differs(protect(4, 6, PROT_READ));
	enter_each();
	for (size_t j = 0; j < sizeof(functions) / sizeof(*functions); j++) {
		char words[64];

		sprintf(words, "%s: Rust and C differ\n", functions[j]);
		expect(times_in_log(words) >= 1);
	}
	log_says(BY_MMAP ": Rust and C differ\n", "Rust merges nothing, and leaves\n",
		 "C returns prev, and leaves\n");
	end_wrong();
}

/* Each kind of difference is reported once, however often it occurs. */
static void each_kind_is_told_once(void)
{
	begin_wrong(BY_LENGTH);
	expect(!choose("shadow keep"));
	for (int round = 0; round < 2; round++) {
		/* The differences are in the VMAs, their ranges, their offsets, and the result. */
		for (size_t pages = 1; pages <= 4; pages++) {
			expect(map(0, 12, RW));
			differs(protect(4, 4 + pages, PROT_READ));
			expect(times_in_log("asked  ") == (round ? 6 : (int)pages));
			unmap_twins();
		}
		/* The same differences occur in a merge: C merges into another VMA. */
		expect(map(0, 12, RW) && protect(0, 4, PROT_READ));
		differs(protect(4, 8, PROT_READ));
		expect(times_in_log("asked  ") == (round ? 6 : 5));
		unmap_twins();
		expect(map(0, 12, RW) && protect(8, 12, PROT_READ));
		differs(protect(4, 8, PROT_READ));
		expect(times_in_log("asked  ") == 6);
		unmap_twins();
	}
	end_wrong();
}

/* If C finds a reason before it allocates, lack of memory does not excuse the difference. */
static void the_limit_is_known(void)
{
	int limit;

	begin_wrong(NO_LIMIT);
	expect(map(0, 8, RW) && !choose("shadow keep"));
	limit = set_max_map_count(vmas());
	differs(fails(protect(2, 4, PROT_READ), ENOMEM));
	expect(count_vmas() == 1);
	/* There is room for the first of the two cuts. */
	set_max_map_count(vmas() + 1);
	differs(fails(protect(2, 4, PROT_READ), ENOMEM));
	expect(count_vmas() == 2);
	set_max_map_count(limit);
	agrees(protect(2, 4, PROT_READ));
	log_says("Rust returns middle, and leaves\n", "C fails with ");
	end_wrong();
}

static atomic_bool moving;

static void *move_the_limit(void *first)
{
	int limit = *(int *)first;

	while (moving)
		set_max_map_count(++limit);
	return NULL;
}

/* A moving limit only excuses answers that report a lack of memory. */
static void a_limit_that_moves_excuses_little(void)
{
	static const enum wrong all_wrong[] = { ANSWERS, OFFSETS };
	const unsigned long calls = 500;

	for (size_t i = 0; i < sizeof(all_wrong) / sizeof(*all_wrong); i++) {
		struct said before;
		pthread_t mover;
		int limit, first;

		begin_wrong(all_wrong[i]);
		expect(map(0, 8, RW) && !choose("shadow keep"));
		limit = set_max_map_count(100000);
		first = limit;
		moving = true;
		expect(!pthread_create(&mover, NULL, move_the_limit, &first));
		before = ask();
		for (unsigned long j = 0; j < calls; j++)
			expect(protect(2, 4, j % 2 ? RW : PROT_READ));
		expect_judged(&before, calls, calls, 0, "protect", __LINE__);
		moving = false;
		pthread_join(mover, NULL);
		set_max_map_count(limit);
		end_wrong();
	}
}

/* If C may go on without a merge, that only excuses a forecast of that merge. */
static void nothing_was_given_up(void)
{
	int fd;

	begin_wrong(ANSWERS);
	expect(map(0, 8, RW) && protect(0, 4, PROT_READ) && !choose("shadow keep"));
	fd = register_pages(4, 8);
	expect(count_vmas() == 2);
	differs(unregister_pages(fd, 4, 8));
	expect(count_vmas() == 2);
	close(fd);
	end_wrong();
}

static void the_driver_is_asked(void)
{
	bool done = true;
	struct said before;

	begin_wrong(NO_DRIVER);
	expect(map_huge() && !choose("shadow keep"));
	differs(fails(protect(1, 2, PROT_READ), EINVAL));
	differs(fails(unmap(1, 2), EINVAL));
	log_says(BY_MPROTECT ": Rust and C differ\n", "C fails with ",
		 BY_MUNMAP ": Rust and C differ\n", "Rust is done, and leaves\n",
		 "C fails with ");
	end_wrong();

	/* If the driver had refused the split, C would not have allocated memory. */
	begin_wrong(STUBBORN_DRIVER);
	expect(map(0, 8, RW) && !choose("shadow keep"));
	before = ask();
	with_failure(1, done = protect(2, 4, PROT_READ));
	expect(fails(done, ENOMEM));
	expect_judged(&before, 1, 1, 0, "a stubborn driver", __LINE__);
	end_wrong();
}

/* If the second of two cuts lacks memory, the first one has to match the forecast of Rust. */
static void a_stage_that_is_not_foreseen(void)
{
	bool has_failed = true;
	int halfway = 0;

	begin_wrong(NO_STAGE);
	expect(!choose("shadow keep"));
	for (int nth = 1; has_failed && nth < MOST_FAILURES && !failed; nth++) {
		struct said before;
		bool done, is_cut;

		set_scene(&scenes[0]);
		before = ask();
		/*
		 * On a debug kernel, allocations of kmemleak fail as well, which C does
		 * not need.
		 */
		has_failed = with_failure(nth, done = protect(4, 8, PROT_READ));
		is_cut = !done && count_vmas() == 2;
		expect_judged(&before, done || is_cut, is_cut, !done && !is_cut, "protect",
			      __LINE__);
		halfway += is_cut;
	}
	expect(!has_failed && halfway);
	end_wrong();
}

/*
 * C lacked memory for a merge that Rust would not have tried. If memory changes, the
 * request is C's own, and the difference does not show; if memory is mapped, it does.
 */
static void another_merge_than_planned(void)
{
	bool done = false;
	int nth;

	begin_wrong(DECISIONS);
	expect(!choose("shadow keep"));
	for (nth = 1; !done && nth < MOST_FAILURES && !failed; nth++) {
		struct said before;

		set_scene(&scenes[5]);
		before = ask();
		with_failure(nth, done = change(4, 12));
		expect_judged(&before, done, done, !done, "protect", __LINE__);
	}
	expect(done && nth > 2);
	log_says("Rust returns middle, and leaves\n", "C returns prev, and leaves\n");
	expect(!times_in_log("another merge"));

	unmap_twins();
	done = false;
	for (nth = 1; !times_in_log(BY_MMAP) && nth < MOST_FAILURES && !failed; nth++) {
		expect(map(0, 4, RW) && unmap(4, 8) && map(8, 12, RW));
		with_failure(nth, map(4, 8, RW));
		unmap_twins();
	}
	log_says(BY_MMAP ": Rust and C differ\n", "Rust merges nothing, and leaves\n",
		 "C merges nothing, and leaves\n",
		 "C wanted another merge, for which it had no memory\n");
	end_wrong();
}

/* A VMA that C does not extend, because of its rules, is not mistaken for a lack of memory. */
static void an_extension_that_c_refuses(void)
{
	struct said said;

	use_test_module("engine=0 wrong=1", "rust_vma_extend_watched");
	said = ask();
	expect(said.compared == 1 && said.differences == 1);
	end_wrong();
}

/* C lacked memory for a merge that Rust would have tried with a different extent. */
static void a_smaller_merge_than_planned(void)
{
	begin_wrong(NARROW);
	expect(!choose("shadow keep"));
	for (size_t i = 4; i < SCENES; i++) {
		size_t first = scenes[i].first, last = scenes[i].last;
		bool done = false;

		for (int nth = 1; !done && nth < MOST_FAILURES && !failed; nth++) {
			struct said before;

			set_scene(&scenes[i]);
			before = ask();
			with_failure(nth, done = change(first, last));
			expect_judged(&before, done, done, !done, "protect", __LINE__);
		}
		expect(done);
	}
	end_wrong();
}

static const struct test tests[] = {
	test(c_takes_over),
	test(told_to_go_on),
	test(nonsense_under_the_shadow),
	test(each_function_is_watched),
	test(each_kind_is_told_once),
	test(the_limit_is_known),
	test(a_limit_that_moves_excuses_little),
	test(nothing_was_given_up),
	test(the_driver_is_asked),
	test(a_stage_that_is_not_foreseen),
	test(another_merge_than_planned),
	test(an_extension_that_c_refuses),
	test(a_smaller_merge_than_planned),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
