// SPDX-License-Identifier: GPL-2.0
/* The steps that write memory and files, and read memory. */
#include "replay.h"
#include <setjmp.h>

static sigjmp_buf fault;
static bool may_fault;

void on_fault(int signal)
{
	if (!may_fault) {
		print("replay: signal %d\n", signal);
		_exit(3);
	}
	siglongjmp(fault, signal);
}

/* Reads or writes two places of a page. Returns the signal if that failed. */
int touch(char *at, bool writing, unsigned long value)
{
	unsigned long *first = (unsigned long *)at;
	unsigned long *last = (unsigned long *)(at + page) - 1;
	int signal = sigsetjmp(fault, 0);

	if (!signal) {
		__atomic_store_n(&may_fault, true, __ATOMIC_SEQ_CST);
		if (writing) {
			__atomic_store_n(first, value, __ATOMIC_SEQ_CST);
			__atomic_store_n(last, ~value, __ATOMIC_SEQ_CST);
		} else {
			unsigned long beginning = __atomic_load_n(first, __ATOMIC_SEQ_CST);
			unsigned long end = __atomic_load_n(last, __ATOMIC_SEQ_CST);

			note(beginning);
			note(end);
		}
	} else {
		restore_rights();
		note(signal);
	}
	__atomic_store_n(&may_fault, false, __ATOMIC_SEQ_CST);
	return signal;
}

static long touch_range(bool writing)
{
	long done = 0;

	choose();
	if (pages > 8)
		pages = 8;
	say_range(writing ? "write" : "read");
	for (size_t i = 0; i < pages; i++) {
		/* Some pages are equal to others, for KSM. */
		unsigned long value = one_in(3) ? below(2) : draw();
		int signal = touch(start + i * page, writing, value);

		done += !signal;
		if (writing && !signal)
			check_written(start + i * page);
	}
	return done;
}

long do_write(void)
{
	return touch_range(true);
}

long do_read(void)
{
	return touch_range(false);
}

long do_truncate(void)
{
	int file = below(2);
	size_t size = one_in(2) ? FILE_PAGES : below(FILE_PAGES), hole = below(FILE_PAGES);

	if (one_in(2)) {
		say("truncate %s to %zu", file_names[file], size);
		return call(SYS_ftruncate, files[file], size * page);
	}
	say("punch %s at %zu", file_names[file], hole);
	return call(SYS_fallocate, files[file], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		    hole * page, 8 * page);
}
