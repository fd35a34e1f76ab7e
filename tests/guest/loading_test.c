// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module with each of its last allocations failing in turn, while somebody
 * waits for its files. Those who get hold of a file keep a module that is loaded.
 */
#include "harness.h"
#include "engine.h"
#include "fail_nth.h"
#include <pthread.h>

/* More than the files take. */
#define LAST_ALLOCATIONS 50
#define MANY 1000000

/* A file of the module, opened as soon as it was there; or one of these. */
enum { NONE = -1, UNWANTED = -2, OPENING = -3 };
static int held = UNWANTED;
static bool ends;

static void *hold_file(void *unused)
{
	while (!__atomic_load_n(&ends, __ATOMIC_ACQUIRE)) {
		int none = NONE, fd;

		if (!__atomic_compare_exchange_n(&held, &none, OPENING, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
			continue;
		fd = open(CTL, O_RDONLY | O_CLOEXEC);
		__atomic_store_n(&held, fd >= 0 ? fd : NONE, __ATOMIC_RELEASE);
	}
	return unused;
}

/* Returns the file that is held, or NONE, and lets none be opened from now on. */
static int stop_holding(void)
{
	int fd;

	do {
		fd = __atomic_load_n(&held, __ATOMIC_ACQUIRE);
	} while (fd == OPENING || !__atomic_compare_exchange_n(&held, &fd, UNWANTED, false,
							       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return fd;
}

/* Loads the module with this allocation failing; returns the errno. */
static int load_with_failure(int nth)
{
	int error;

	with_failure(nth, error = load("rust_vma", ""));
	return error;
}

static int count_allocations_of_a_load(void)
{
	int left;

	fail_nth(MANY);
	expect(!load("rust_vma", ""));
	left = remaining();
	fail_nth(0);
	expect(!unload("rust_vma"));
	return MANY - left;
}

/* Returns the fewest of some loads: one may also allocate what the kernel keeps for the next. */
static int allocations_of_a_load(void)
{
	int fewest = MANY;

	for (int i = 0; i < 3; i++) {
		int count = count_allocations_of_a_load();

		if (count < fewest)
			fewest = count;
	}
	return fewest;
}

static void no_file_of_a_module_that_failed(void)
{
	int count, failures = 0, loads = 0, holders = 0;
	pthread_t holder;

	make_failures_possible();
	expect(!unload("rust_vma"));
	count = allocations_of_a_load();
	expect(count > LAST_ALLOCATIONS);
	if (pthread_create(&holder, NULL, hold_file, NULL))
		complain("there is no thread");
	for (int nth = count - LAST_ALLOCATIONS; nth <= count && !failed; nth++) {
		int error, fd;

		__atomic_store_n(&held, NONE, __ATOMIC_RELEASE);
		error = load_with_failure(nth);
		usleep(1000);
		fd = stop_holding();
		if (fd >= 0) {
			expect(!error);
			expect(unload("rust_vma") == EWOULDBLOCK);
			close(fd);
			holders++;
		}
		if (error) {
			expect(error == ENOMEM);
			expect(access("/sys/kernel/debug/rust_vma", F_OK));
			failures++;
		} else {
			expect(!unload("rust_vma"));
			loads++;
		}
	}
	__atomic_store_n(&ends, true, __ATOMIC_RELEASE);
	pthread_join(holder, NULL);
	/* Without these, nothing was tried. */
	expect(failures && loads && holders);
	printf("  %d failures, %d loads, %d with a file open\n", failures, loads, holders);
	expect(!load("rust_vma", ""));
}

static const struct test tests[] = {
	test(no_file_of_a_module_that_failed),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
