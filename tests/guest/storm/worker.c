// SPDX-License-Identifier: GPL-2.0
/* A worker maps, changes and unmaps parts of its window, and knows its contents. */
#include "storm.h"
#include <sys/mman.h>
#include <sys/shm.h>

/* The number of pages of a shared file. */
#define SHARED_PAGES 4096

static unsigned int below(struct worker *worker, unsigned int limit)
{
	return rand_r(&worker->seed) % limit;
}

/*
 * Records that a call has failed, which is allowed if the worker's allocations fail. In
 * that case madvise() and mlock() fail with EAGAIN, and access to a page through
 * /proc/self/mem that cannot be faulted in fails with EIO.
 */
static void note_failure(struct worker *worker, const char *call)
{
	figures->failed_steps++;
	if (worker->fails && (errno == ENOMEM || errno == EAGAIN))
		figures->without_memory++;
	else if (!worker->fails || errno != EIO)
		wrong("%s failed: %s", call, strerror(errno));
}

/* Chooses a part of the window that is either mapped or not. Returns its length. */
static size_t choose_run(struct worker *worker, bool mapped, size_t *first)
{
	size_t start = below(worker, WINDOW), length = 0;
	size_t most = 1 + below(worker, 8);

	for (size_t i = 0; i < WINDOW && worker->mapped[start] != mapped; i++)
		start = (start + 1) % WINDOW;
	while (length < most && start + length < WINDOW &&
	       worker->mapped[start + length] == mapped)
		length++;
	*first = start;
	return length;
}

/* Checks that a page can be read, whatever has happened to it. */
void check_page(struct worker *worker, size_t at)
{
	unsigned char *address = worker->base + at * page;
	unsigned char found;

	if (!load(address, &found))
		wrong("page %p is not there", address);
	else if (found != worker->value[at])
		wrong("page %p holds %u, not %u", address, found, worker->value[at]);
	/* Now and then, the page is also read as a debugger would read it. */
	if (below(worker, 4))
		return;
	if (pread(worker->memory, &found, 1, (off_t)address) != 1)
		note_failure(worker, "reading /proc/self/mem");
	else if (found != worker->value[at])
		wrong("page %p is said to hold %u, not %u", address, found, worker->value[at]);
}

static void write_page(struct worker *worker, size_t at)
{
	unsigned char *address = worker->base + at * page;
	unsigned char value = 1 + below(worker, 255);

	/*
	 * The page may be read-only. A debugger can write nevertheless, unless the memory
	 * is shared.
	 */
	if (store(address, value))
		worker->value[at] = value;
	else if (worker->kind == SHARED_FILE || worker->kind == SEGMENT)
		return;
	else if (pwrite(worker->memory, &value, 1, (off_t)address) == 1)
		worker->value[at] = value;
	else
		note_failure(worker, "writing /proc/self/mem");
}

static bool has_neighbour(struct worker *worker, size_t first, size_t length)
{
	return (first && worker->mapped[first - 1]) ||
	       (first + length < WINDOW && worker->mapped[first + length]);
}

/* Unmaps a part of the window, whether it is mapped or not. */
void give_up(struct worker *worker, size_t first, size_t length)
{
	for (int i = 0; munmap(worker->base + first * page, length * page); i++) {
		note_failure(worker, "munmap");
		if (i == 1000) {
			wrong("munmap fails forever");
			return;
		}
	}
	for (size_t i = first; i < first + length; i++)
		worker->mapped[i] = false;
}

/*
 * Returns pages of a shared file that were never mapped, so that no two places of the
 * window have the same page. After all pages were used, the file starts again.
 */
static size_t fresh_pages(struct worker *worker, size_t length)
{
	if (worker->fresh + length > SHARED_PAGES) {
		give_up(worker, 0, WINDOW);
		if (ftruncate(worker->file, 0))
			note_failure(worker, "ftruncate");
		worker->fresh = 0;
	}
	if (!worker->fresh && ftruncate(worker->file, SHARED_PAGES * page))
		note_failure(worker, "ftruncate");
	worker->fresh += length;
	return worker->fresh - length;
}

/*
 * Attaches the segment as a whole, and only once, so that no two places of the window
 * have the same page.
 */
static void attach(struct worker *worker)
{
	for (size_t i = 0; i < WINDOW; i++)
		if (worker->mapped[i])
			return;
	if (shmat(worker->segment, worker->base, 0) != worker->base) {
		note_failure(worker, "shmat");
		return;
	}
	for (size_t i = 0; i < WINDOW; i++) {
		worker->mapped[i] = true;
		if (!store(worker->base + i * page, 0))
			wrong("page %zu of a segment is not there", i);
		worker->value[i] = 0;
	}
}

static void map_some(struct worker *worker)
{
	size_t first, length = choose_run(worker, false, &first);
	unsigned char *start = worker->base + first * page;
	int flags = MAP_FIXED_NOREPLACE;
	size_t offset = 0;
	bool spared, mapped;

	if (worker->kind == SEGMENT) {
		attach(worker);
		return;
	}
	if (!length)
		return;
	flags |= worker->kind == SHARED_FILE ? MAP_SHARED : MAP_PRIVATE;
	if (worker->kind == ANONYMOUS)
		flags |= MAP_ANONYMOUS;
	else if (worker->kind == PRIVATE_FILE)
		offset = first;
	else
		offset = fresh_pages(worker, length);
	/*
	 * If a merge lacks memory, mmap() goes on without it, and __mas_set_range() warns
	 * that C has left the iterator at the neighbour. This also happens in a kernel
	 * without Rust.
	 */
	spared = worker->fails && has_neighbour(worker, first, length);
	if (spared)
		let_allocations_fail(false);
	mapped = mmap(start, length * page, PROT_READ | PROT_WRITE, flags, worker->file,
		      offset * page) == start;
	if (!mapped)
		note_failure(worker, "mmap");
	if (spared)
		let_allocations_fail(true);
	if (!mapped)
		return;
	for (size_t i = first; i < first + length; i++) {
		worker->mapped[i] = true;
		worker->value[i] = 0;
	}
}

static void unmap_some(struct worker *worker)
{
	size_t first, length = choose_run(worker, true, &first);

	if (!length)
		return;
	if (munmap(worker->base + first * page, length * page)) {
		note_failure(worker, "munmap");
		return;
	}
	for (size_t i = first; i < first + length; i++)
		worker->mapped[i] = false;
}

/* Moves pages to another place of the window. */
static void move_some(struct worker *worker)
{
	size_t from, to, length = choose_run(worker, true, &from);
	size_t room = choose_run(worker, false, &to);
	unsigned char *target = worker->base + to * page;

	if (length > room)
		length = room;
	if (!length)
		return;
	if (mremap(worker->base + from * page, length * page, length * page,
		   MREMAP_MAYMOVE | MREMAP_FIXED, target) != target) {
		/* VMAs of a segment can only be moved separately. */
		if (worker->kind != SEGMENT || errno != EFAULT)
			note_failure(worker, "mremap");
		/* VMAs are moved one after the other, so that some may have been moved. */
		give_up(worker, from, length);
		give_up(worker, to, length);
		return;
	}
	/* mremap() also succeeds if the pages have moved, but unmapping lacked memory. */
	give_up(worker, from, length);
	for (size_t i = 0; i < length; i++) {
		worker->mapped[to + i] = true;
		worker->value[to + i] = worker->value[from + i];
	}
}

static void change_some(struct worker *worker)
{
	static const int advice[] = {
		MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP,
		MADV_SEQUENTIAL, MADV_RANDOM, MADV_NORMAL, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
	};
	size_t first, length = choose_run(worker, true, &first);
	unsigned char *start = worker->base + first * page;
	const char *call;
	int failed;

	if (!length)
		return;
	switch (below(worker, 6)) {
	case 0:
		call = "mprotect";
		failed = mprotect(start, length * page, PROT_READ);
		break;
	case 1:
		call = "mprotect";
		failed = mprotect(start, length * page, PROT_READ | PROT_WRITE);
		break;
	case 2:
		call = "mlock";
		failed = mlock(start, length * page);
		break;
	case 3:
		call = "munlock";
		failed = munlock(start, length * page);
		break;
	default:
		call = "madvise";
		failed = madvise(start, length * page,
				 advice[below(worker, sizeof(advice) / sizeof(*advice))]);
		break;
	}
	if (failed)
		note_failure(worker, call);
}

static void touch_some(struct worker *worker)
{
	size_t first, length = choose_run(worker, true, &first);

	for (size_t i = first; i < first + length; i++) {
		if (below(worker, 2))
			write_page(worker, i);
		else
			check_page(worker, i);
	}
}

void *work(void *data)
{
	static void (*const steps[])(struct worker *worker) = {
		map_some, map_some, unmap_some, move_some, change_some, change_some,
		change_some, touch_some,
	};
	struct worker *worker = data;

	while (!figures->over) {
		steps[below(worker, sizeof(steps) / sizeof(*steps))](worker);
		figures->steps++;
		rest();
	}
	for (size_t i = 0; i < WINDOW; i++)
		if (worker->mapped[i])
			check_page(worker, i);
	return NULL;
}
