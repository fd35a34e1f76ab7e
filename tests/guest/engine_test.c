// SPDX-License-Identifier: GPL-2.0
/*
 * The running kernel's own merging and splitting, with each engine: the chosen engine
 * executes each call, no call is lost when the engine changes, a choice has taken effect
 * when it returns, the module can be unloaded, and calls that make no sense are left to
 * C.
 */
#include "harness.h"
#include "engine.h"
#include <pthread.h>
#include <stdatomic.h>

static void each_engine_executes_all(void)
{
	for (int engine = 0; engine < ENGINES; engine++) {
		struct said before, after;

		expect(!choose(engines[engine]));
		before = ask();
		expect(!strcmp(before.engine, engines[engine]));
		enter_each();
		after = ask();
		expect(before.rows >= 5 && after.rows == before.rows);
		for (int row = 0; row < after.rows; row++) {
			for (int other = 0; other < ENGINES; other++) {
				bool more = after.calls[row][other] > before.calls[row][other];
				bool wanted = other == engine;

				if (more != wanted)
					complain("with %s: %s by %s: %lu calls, then %lu",
						 engines[engine], after.names[row],
						 engines[other], before.calls[row][other],
						 after.calls[row][other]);
			}
		}
	}
	expect(!ask().differences);
}

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

/* mprotect() gets the flags that a merge has kept, here the flag of guard pages. */
static void kept_flags_are_answered(void)
{
	for (int i = 0; i < 2; i++) {
		char *start = i ? TWIN : OURS;

		expect(!choose(i ? "c" : "rust"));
		must_map(start, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		expect(!madvise(start, page, MADV_GUARD_INSTALL));
		expect(mmap(start + 4 * page, 4 * page, PROT_READ,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == start + 4 * page);
		expect(!mprotect(start + 4 * page, 4 * page, PROT_READ | PROT_WRITE));
	}
	expect(count_vmas() == 1);
	expect_twins(__LINE__);
}

static atomic_bool flipping;
static atomic_ulong flips;

static void *flip(void *unused)
{
	while (flipping) {
		int error = choose(engines[flips++ % ENGINES]);

		if (error)
			complain("cannot choose an engine: %s", strerror(error));
	}
	return unused;
}

static unsigned long changes(void)
{
	struct said said = ask();

	return executed(&said, C, BY_MPROTECT) + executed(&said, RUST, BY_MPROTECT) +
	       executed(&said, SHADOW, BY_MPROTECT);
}

/* Each mprotect() here is one call of the hook. */
static void no_call_is_lost_in_a_switch(void)
{
	const unsigned long calls = 20000;
	unsigned long before;
	pthread_t flipper;

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(OURS, 0x5a, 8 * page);
	flipping = true;
	flips = 0;
	/* The thread that switches engines has to map its stack first. */
	expect(!pthread_create(&flipper, NULL, flip, NULL));
	while (flips < 10)
		sched_yield();
	before = changes();
	for (unsigned long i = 0; i < calls; i++) {
		size_t at = 1 + i / 2 % 6;

		expect(!mprotect(OURS + at * page, page,
				 i % 2 ? PROT_READ | PROT_WRITE : PROT_READ));
		/* Reading the engine does not disturb a choice. */
		if (i % 100 == 0)
			expect(changes() == before + i + 1);
	}
	expect(changes() == before + calls);
	flipping = false;
	pthread_join(flipper, NULL);
	printf("  %lu flips\n", (unsigned long)flips);
	expect(flips > 100);
	expect(count_vmas() == 1);
	for (size_t i = 0; i < 8 * page; i++)
		if (OURS[i] != 0x5a)
			complain("byte %zu has changed", i);
	expect(!choose("c"));
}

static atomic_bool changing;

static void *keep_changing(void *unused)
{
	while (changing) {
		expect(!mprotect(OURS + page, page, PROT_READ));
		expect(!mprotect(OURS + page, page, PROT_READ | PROT_WRITE));
	}
	return unused;
}

/*
 * Returns the number of calls of an engine: Rust counts a call when it ends, the shadow
 * counts a comparison.
 */
static unsigned long done_by(const struct said *said, int engine)
{
	return engine == RUST ? executed(said, RUST, "") : said->compared;
}

/*
 * When a choice has returned, no call is left in the previous engine. A kernel with
 * checks visits all VMAs of a process whenever it splits one. With many VMAs there is
 * therefore always a call in flight, which takes long.
 */
static void a_choice_waits_for_calls_in_flight(void)
{
	const size_t pages = 3000;
	pthread_t changer;

	must_map(OURS, pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	/* The loop goes down, so that the part that the kernel visits stays short. */
	for (size_t i = pages - 1; i > 4; i -= 2)
		expect(!madvise(OURS + i * page, page, MADV_DONTFORK));
	changing = true;
	expect(!pthread_create(&changer, NULL, keep_changing, NULL));
	for (int round = 0; round < 20; round++) {
		int engine = round % 2 ? RUST : SHADOW;
		struct said before = ask(), chosen, later;

		expect(!choose(engines[engine]));
		for (int i = 0; i < 1000; i++) {
			chosen = ask();
			if (done_by(&chosen, engine) > done_by(&before, engine))
				break;
			usleep(1000);
		}
		expect(!choose("c"));
		chosen = ask();
		/* The call after the next one begins after the call in flight has ended. */
		for (int i = 0; i < 1000; i++) {
			later = ask();
			if (executed(&later, C, BY_MPROTECT) >
			    executed(&chosen, C, BY_MPROTECT) + 1)
				break;
			usleep(1000);
		}
		expect(done_by(&chosen, engine) > done_by(&before, engine));
		if (done_by(&later, engine) != done_by(&chosen, engine))
			complain("round %d: %s has done %lu calls when another is chosen, then %lu",
				 round, engines[engine], done_by(&chosen, engine),
				 done_by(&later, engine));
		expect(executed(&later, C, BY_MPROTECT) > executed(&chosen, C, BY_MPROTECT) + 1);
	}
	changing = false;
	pthread_join(changer, NULL);
	expect(!ask().differences);
}

static void other_words_are_refused(void)
{
	static const char *const words[] = {
		"", "\n", "C", "rusty", "rust shadow", "keep", "rust keep keep", "\xff",
		"rust and nothing else",
	};

	expect(!choose("rust keep\n"));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		/* An empty write does not reach a file. */
		expect(choose(words[i]) == EINVAL);
		expect(strstr(outcome, "refused (EINVAL): "));
		expect(!strcmp(ask().engine, "rust keep"));
	}
	expect(!choose("c"));
	expect(!strcmp(ask().engine, "c"));
}

static void the_module_goes_while_rust_is_the_engine(void)
{
	struct said said;
	int fd;

	expect(!choose("rust"));
	fd = open(engine_file, O_RDONLY);
	expect(fd >= 0);
	/* The module cannot be unloaded while a file is open. */
	expect(unload("rust_vma") == EWOULDBLOCK);
	expect(!strcmp(ask().engine, "rust"));
	close(fd);
	expect(!unload("rust_vma"));
	enter_each();
	expect(load("rust_vma", "engine=3") == EINVAL);
	expect(load("rust_vma", "engine=-1") == EINVAL);
	expect(!load("rust_vma", "engine=1"));
	expect(!strcmp(ask().engine, "rust"));
	enter_each();
	said = ask();
	expect(executed(&said, RUST, BY_MUNMAP));
	expect(!choose("c"));
}

static void the_hook_has_one_module(void)
{
	expect(load("rust_vma_kunit", "engine=0") == EBUSY);
}

/* A suite of the test module makes a call that makes no sense. */
static void nonsense_is_left_to_c(void)
{
	static const char run[] = "/sys/kernel/debug/kunit/rust_vma_nonsense/run";
	struct said said;

	begin_log();
	use_test_module("engine=1", "rust_vma_nonsense.is_left_to_c");
	said = ask();
	expect(!strcmp(said.engine, "c"));
	/* C has executed the call, and no other engine has. */
	expect(said.refused == 1 && !said.compared && !said.differences);
	expect(executed(&said, C, BY_MMAP) == 1 && !executed(&said, RUST, BY_MMAP));
	expect(times_in_log(BY_MMAP ": Rust cannot accept the arguments; "
			    "falling back to C\n") == 1);
	/* C is already the engine, so that no engine is replaced. */
	expect(!write_to(run, "1", 1));
	expect(times_in_log(BY_MMAP ": Rust cannot accept the arguments\n") == 1);
	expect(times_in_log("falling back to C\n") == 1);
	use_own_module();
}

static const struct test tests[] = {
	test(each_engine_executes_all),
	test(kept_flags_are_answered),
	test(no_call_is_lost_in_a_switch),
	test(a_choice_waits_for_calls_in_flight),
	test(other_words_are_refused),
	test(the_module_goes_while_rust_is_the_engine),
	test(the_hook_has_one_module),
	test(nonsense_is_left_to_c),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
