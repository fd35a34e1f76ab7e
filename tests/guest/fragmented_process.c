// SPDX-License-Identifier: GPL-2.0
/*
 * A process with far more VMAs than it needs, like programs that run into
 * vm.max_map_count. It prints "PID", and sleeps until it is killed.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

/* The address of an incident; each has a terabyte for itself. */
#define INCIDENT(n) ((char *)0x300000000000UL + (n) * (1UL << 40))

static size_t page;

static void must(int succeeded, const char *what)
{
	if (succeeded)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static void map(char *address, size_t pages, int flags, int file, off_t offset)
{
	must(mmap(address, pages * page, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, file,
		  offset) == address, "mmap");
}

static void advise(char *address, size_t pages, int advice)
{
	must(!madvise(address, pages * page, advice), "madvise");
}

static void name(char *address, size_t pages, const char *text)
{
	must(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, address, pages * page, text), "prctl");
}

/* Every second buffer of a pool was registered for RDMA once, and is not inherited since. */
static void buffers_for_rdma(char *pool)
{
	map(pool, 1600, ANONYMOUS, -1, 0);
	for (size_t buffer = 0; buffer < 400; buffer += 2)
		advise(pool + buffer * 4 * page, 1 + buffer % 3, MADV_DONTFORK);
}

/* A garbage collector leaves free blocks out of core dumps, one at a time. */
static void heap_that_toggles_dumps(char *heap)
{
	map(heap, 1024, ANONYMOUS, -1, 0);
	for (size_t block = 0; block < 256; block += 2)
		advise(heap + block * 4 * page, 4, MADV_DONTDUMP);
	/* Some of the blocks were registered for RDMA as well. */
	for (size_t block = 0; block < 64; block += 2)
		advise(heap + block * 4 * page, 4, MADV_DONTFORK);
}

static void stacks_with_guard_pages(char *stacks)
{
	map(stacks, 64 * 17, ANONYMOUS, -1, 0);
	for (size_t stack = 0; stack < 64; stack++)
		must(!mprotect(stacks + stack * 17 * page, page, PROT_NONE), "mprotect");
}

static void arenas_with_names(char *arenas)
{
	char text[32];

	map(arenas, 96 * 8, ANONYMOUS, -1, 0);
	for (size_t arena = 0; arena < 96; arena++) {
		snprintf(text, sizeof(text), "arena %zu", arena);
		name(arenas + arena * 8 * page, 8, text);
	}
}

/* Two threads fill a buffer that is a file, and each maps the part that it fills next. */
static void buffer_that_interleaves(char *buffer)
{
	int file = memfd_create("ring", 0);

	must(!ftruncate(file, 128 * page), "ftruncate");
	for (size_t i = 0; i < 128; i++)
		map(buffer + i * page, 1, MAP_SHARED, file, (i % 2 * 64 + i / 2) * page);
	close(file);
}

/* Every second page is written before the pages between them exist. */
static void filled_later(char *pages)
{
	for (size_t i = 0; i < 64; i += 2) {
		map(pages + i * page, 1, ANONYMOUS, -1, 0);
		pages[i * page] = 1;
	}
	for (size_t i = 1; i < 64; i += 2)
		map(pages + i * page, 1, ANONYMOUS, -1, 0);
}

/* Much memory, with few VMAs. */
static void as_it_should_be(char *heap)
{
	map(heap, 1 << 12, ANONYMOUS | MAP_NORESERVE, -1, 0);
	advise(heap, 16, MADV_DONTFORK);
}

/* Pages are mapped before a fork, and in the child after it. */
static void inherited(char *pages)
{
	for (size_t i = 0; i < 32; i += 2) {
		map(pages + i * page, 1, ANONYMOUS, -1, 0);
		pages[i * page] = 1;
	}
}

static void beside_what_was_inherited(char *pages)
{
	for (size_t i = 1; i < 32; i += 2)
		map(pages + i * page, 1, ANONYMOUS, -1, 0);
}

int main(void)
{
	page = sysconf(_SC_PAGESIZE);
	inherited(INCIDENT(6));
	if (fork())
		return EXIT_SUCCESS;
	beside_what_was_inherited(INCIDENT(6));
	buffers_for_rdma(INCIDENT(0));
	heap_that_toggles_dumps(INCIDENT(1));
	stacks_with_guard_pages(INCIDENT(2));
	arenas_with_names(INCIDENT(3));
	buffer_that_interleaves(INCIDENT(4));
	filled_later(INCIDENT(5));
	as_it_should_be(INCIDENT(7));

	printf("%d\n", getpid());
	fflush(stdout);
	pause();
	return EXIT_SUCCESS;
}
