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

/* A file of the module, opened as soon as it was there; -1 for none, -2 if none is wanted. */
static int held = -2;
static bool ends;

static void *hold_file(void *unused)
{
	while (!__atomic_load_n(&ends, __ATOMIC_ACQUIRE)) {
		int fd;

		if (__atomic_load_n(&held, __ATOMIC_ACQUIRE) != -1)
			continue;
		fd = open(CTL, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			__atomic_store_n(&held, fd, __ATOMIC_RELEASE);
	}
	return unused;
}

/* Loads the module with this allocation failing; returns the errno. */
static int load_with_failure(int nth)
{
	int error;

	with_failure(nth, error = load("rust_vma", ""));
	return error;
}

static int allocations_of_a_load(void)
{
	int left;

	fail_nth(MANY);
	expect(!load("rust_vma", ""));
	left = remaining();
	fail_nth(0);
	expect(!unload("rust_vma"));
	return MANY - left;
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

		__atomic_store_n(&held, -1, __ATOMIC_RELEASE);
		error = load_with_failure(nth);
		usleep(1000);
		fd = __atomic_exchange_n(&held, -2, __ATOMIC_ACQ_REL);
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
