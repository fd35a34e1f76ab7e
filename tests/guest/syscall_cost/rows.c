// SPDX-License-Identifier: GPL-2.0
/*
 * The rows: system calls that merge and split VMAs, as programs make them. Each row is a
 * pair of calls, the second of which undoes the first.
 */
#include "syscall_cost.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The mapping has room above it, and its middle does not touch its ends. */
#define PLACE ((char *)0x700000000000UL)
#define PAGES 16
#define MIDDLE (PLACE + 4 * page)
#define MIDDLE_SIZE (4 * page)
#define END (PLACE + PAGES * page)

/* Uncounted pairs that come first, and fill the caches of the slab allocator. */
#define WARM_UP 16
/* The number of pairs, of which the median counts. */
#define PAIRS 25

#define NEW_MAPPING (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE)
#define READ_WRITE (PROT_READ | PROT_WRITE)

/*
 * VMAs that no row changes. With them, no node of the maple tree is so full, or so empty,
 * that a pair splits and joins it, which takes 10,000 instructions and would hide the
 * rest.
 */
#define NEIGHBOURHOOD ((char *)0x100000000000UL)
#define NEIGHBOURS 4

static size_t page;
static char *heap_end;

static void map(char *start, size_t size)
{
	must(mmap(start, size, READ_WRITE, NEW_MAPPING, -1, 0) == start, "mmap");
}

static void forbid_writing(void)
{
	must(!mprotect(MIDDLE, MIDDLE_SIZE, PROT_READ), "mprotect");
}

static void allow_writing(void)
{
	must(!mprotect(MIDDLE, MIDDLE_SIZE, READ_WRITE), "mprotect");
}

static void map_behind(void)
{
	map(END, page);
}

static void unmap_behind(void)
{
	must(!munmap(END, page), "munmap");
}

static void grow(void)
{
	must(mremap(PLACE, PAGES * page, (PAGES + 4) * page, 0) == PLACE, "mremap");
}

static void shrink(void)
{
	must(mremap(PLACE, (PAGES + 4) * page, PAGES * page, 0) == PLACE, "mremap");
}

static void set_break(char *end)
{
	must(syscall(SYS_brk, end) == (long)end, "brk");
}

static void raise_break(void)
{
	set_break(heap_end + page);
}

static void lower_break(void)
{
	set_break(heap_end);
}

static void keep_from_children(void)
{
	must(!madvise(MIDDLE, MIDDLE_SIZE, MADV_DONTFORK), "madvise");
}

static void give_to_children(void)
{
	must(!madvise(MIDDLE, MIDDLE_SIZE, MADV_DOFORK), "madvise");
}

static void lock(void)
{
	must(!mlock(MIDDLE, MIDDLE_SIZE), "mlock");
}

static void unlock(void)
{
	must(!munlock(MIDDLE, MIDDLE_SIZE), "munlock");
}

static void name(void)
{
	must(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, MIDDLE, MIDDLE_SIZE, "bench"), "prctl");
}

static void take_name_away(void)
{
	must(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, MIDDLE, MIDDLE_SIZE, NULL), "prctl");
}

static void unmap_middle(void)
{
	must(!munmap(MIDDLE, MIDDLE_SIZE), "munmap");
}

static void map_middle(void)
{
	map(MIDDLE, MIDDLE_SIZE);
}

/* Executes a program that ends at once. Its own instructions are counted as well. */
static void run_program(void)
{
	int status;
	pid_t child = fork();

	must(child >= 0, "fork");
	if (!child) {
		execl(PROGRAM, PROGRAM, "exit", NULL);
		_exit(1);
	}
	must(waitpid(child, &status, 0) == child && !status, "the program that is executed");
}

static void do_nothing(void)
{
}

const struct row rows[ROWS] = {
	{ "mprotect-flip", forbid_writing, allow_writing },
	{ "mmap-munmap", map_behind, unmap_behind },
	{ "mremap-grow-shrink", grow, shrink },
	{ "brk-up-down", raise_break, lower_break },
	{ "madvise-flip", keep_from_children, give_to_children },
	{ "mlock-flip", lock, unlock },
	{ "prctl-name-flip", name, take_name_away },
	{ "munmap-middle", unmap_middle, map_middle },
	{ "fork-exec", run_program, do_nothing },
};

static unsigned long measure_pair(const struct row *row)
{
	unsigned long start = instructions();

	row->there();
	row->back();
	return instructions() - start;
}

void repeat(const struct row *row, unsigned int times)
{
	while (times--)
		measure_pair(row);
}

/*
 * Returns the median of the pairs. A pair is short, so that few pairs are interrupted.
 * Those, and the pairs that have to fill a cache of the slab allocator, are not the
 * median.
 */
static unsigned long middle_pair(const struct row *row)
{
	unsigned long pairs[PAIRS];

	for (unsigned int i = 0; i < PAIRS; i++)
		pairs[i] = measure_pair(row);
	return median(pairs, PAIRS);
}

unsigned long measure(const struct row *row)
{
	static const struct row nothing = { "nothing", do_nothing, do_nothing };

	repeat(row, WARM_UP);
	return middle_pair(row) - middle_pair(&nothing);
}

void prepare_place(void)
{
	page = sysconf(_SC_PAGESIZE);
	/* The heap gets a part that the C library does not know. */
	heap_end = (char *)syscall(SYS_brk, 0) + PAGES * page;
	set_break(heap_end);
	for (int i = 0; i < NEIGHBOURS; i++)
		map(NEIGHBOURHOOD + 2 * i * page, page);
	/* The mapping is written to, so that it has an anon_vma. */
	map(PLACE, PAGES * page);
	memset(PLACE, 0x5a, PAGES * page);
}
