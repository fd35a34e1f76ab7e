// SPDX-License-Identifier: GPL-2.0
/* A single step, and a turn of several steps. */
#include "replay.h"

static const struct operation {
	long (*run)(void);
	unsigned int weight;
} operations[] = {
	{ do_mmap, 130 },	   { do_munmap, 30 },	     { do_mprotect, 130 },
	{ do_mremap, 110 },	   { do_madvise, 180 },	     { do_process_madvise, 10 },
	{ do_mlock, 50 },	   { do_mlockall, 4 },	     { do_mbind, 60 },
	{ do_name, 50 },	   { do_uffd_register, 25 }, { do_uffd_unregister, 20 },
	{ do_uffd_fill, 15 },	   { do_uffd_close, 10 },     { do_mseal, 3 },
	{ do_brk, 40 },		   { do_write, 140 },	     { do_read, 20 },
	{ do_truncate, 8 },	   { do_shmat, 14 },	     { do_shmdt, 6 },
	{ do_pkey_mprotect, 40 },  { do_clear_soft_dirty, 6 }, { do_shadow_stack, 4 },
	{ do_memory_merge, 4 },	   { do_heal, 25 },	     { do_fork, 12 },
	{ do_exit, 10 },	   { do_exec, 2 },	     { do_remap_file_pages, 8 },
};

static long operate(void)
{
	static unsigned int sum;
	unsigned int chosen;

	if (is_healing())
		return heal();
	if (!sum)
		for (size_t i = 0; i < count_of(operations); i++)
			sum += operations[i].weight;
	chosen = below(sum);
	for (const struct operation *operation = operations;; operation++) {
		if (chosen < operation->weight)
			return operation->run();
		chosen -= operation->weight;
	}
}

static void step(void)
{
	bool shown = shared->show == shared->step;
	int vmas = 0;
	long result;

	*shared->words = 0;
	start = windows[IN_MAIN].start;
	pages = 0;
	if (shown)
		show("before");
	result = operate();
	note(result);
	note_vma(start - page);
	note_vma(start);
	note_vma(start + pages * page);
	note_attachments();
	if (place == IN_HUGE)
		note_huge_pages();
	if (shown)
		show("after");
	if (shared->trace) {
		unsigned long hash;

		read_smaps();
		hash = hash_smaps(&vmas);
		print("%lu %lu process %d: %s = %lx; %d VMAs, %016lx %016lx\n", shared->seed,
		      shared->step, slot, shared->words, result, vmas, hash, shared->hash);
	}
	shared->step++;
	if (shared->process[slot].exiting)
		_exit(0);
}

bool at_long_check(void)
{
	return shared->step % SELDOM == 0 || shared->step == shared->steps;
}

bool at_check(void)
{
	return shared->step % EVERY == 0 || shared->step == shared->steps;
}

void take_turns(void)
{
	char turn;

	for (;;) {
		if (read(turns[slot][0], &turn, 1) != 1)
			_exit(2);
		if (turn == 'c') {
			check();
		} else {
			unsigned int count = 1 + below(12);

			do {
				step();
			} while (--count && !at_check());
		}
		if (write(replies[1], "d", 1) != 1)
			_exit(2);
	}
}
