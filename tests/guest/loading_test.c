// SPDX-License-Identifier: GPL-2.0
/*
 * Loads the module with each of its last allocations failing in turn, while a thread
 * waits for its files. If the thread can open a file, the module is loaded, and stays.
 */
#include "harness.h"
#include "engine.h"
#include "fail_nth.h"
#include <pthread.h>

/* More allocations than the files need. */
#define LAST_ALLOCATIONS 50
#define MANY 1000000

/* A file of the module that was opened as soon as it existed, or one of these values. */
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

/* Returns the file that is held, or NONE, and prevents the opening of others. */
static int stop_holding(void)
{
	int fd;

	do {
		fd = __atomic_load_n(&held, __ATOMIC_ACQUIRE);
	} while (fd == OPENING || !__atomic_compare_exchange_n(&held, &fd, UNWANTED, false,
							       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return fd;
}

/* Loads the module with this allocation failing. Returns the errno. */
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

/*
 * Returns the minimum over several loads. One load may also allocate memory that the
 * kernel keeps for later.
 */
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
	/* Otherwise nothing was tested. */
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
