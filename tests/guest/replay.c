// SPDX-License-Identifier: GPL-2.0
/*
 * A random history of system calls that merge, split, move, expand and shrink VMAs,
 * the same for the same seed: replay SEED STEPS. Run with C and with Rust behind the
 * kernel's hook, it has to print the same (scripts/replay).
 *
 * The calls are made by up to four processes with one thread each, related by fork.
 * Only the one whose turn it is runs. All draw from one random number generator, in
 * memory that they share, and all that they see goes into one hash: what each call
 * returned, and the VMAs around it. Every hundred steps each process adds its smaps
 * and what it can read of its memory, and a line with the hash is printed.
 *
 * --trace prints each step in words, with a hash of its process's smaps. --show STEP
 * prints the VMAs of the process that makes that step, before it and afterwards.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the headers of Debian 12 lack. */
#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM 0x1000
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC 0x8000
#endif
#ifndef PROCMAP_QUERY
struct procmap_query {
	__u64 size, query_flags, query_addr;
	__u64 vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	__u32 dev_major, dev_minor, vma_name_size, build_id_size;
	__u64 vma_name_addr, build_id_addr;
};

#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)
#define PROCMAP_QUERY_COVERING_OR_NEXT_VMA 0x10
#endif
#define PIDFD_OF_SELF -10000

/* Each is far from everything else; what is sealed stays, so that has a place apart. */
#define SHARED ((void *)0x100000000000UL)
#define MAIN ((char *)0x200000000000UL)
#define MAIN_PAGES 96
#define SEAL_PAGES 16
#define FLOAT_PAGES 64
#define HEAP_PAGES 32

#define EVERY 100
#define PROCESSES 4
#define GENERATIONS 6
#define WORDS 128
#define FILE_PAGES 128
#define SEGMENT_PAGES 8
/* Within reach, so that the limit stops some of the splits. */
#define MAP_LIMIT "90"

struct process {
	pid_t pid;
	bool alive, exiting;
};

/* What all processes share. */
struct shared {
	unsigned long random, hash, seed;
	unsigned long step, steps, show;
	bool trace;
	struct process process[PROCESSES];
	char words[16 * WORDS];
	char scratch[1 << 16];
	char text[1 << 20];
};

static struct shared *shared;
static size_t page;

/* A process's turn comes through a pipe of its own; the end of it through one for all. */
static int turns[PROCESSES][2], replies[2], ready[2];

enum { MEMFD_ONE, MEMFD_TWO, ZERO, SECRET, FILES };

static int files[FILES], segments[2];

static const char *const file_names[] = { "memfd one", "memfd two", "/dev/zero", "secret" };

/* From here on: each process's own. */
static int slot, generation, maps_fd;
static int uffds[2] = { -1, -1 };

struct window {
	char *start;
	size_t pages;
};

enum { IN_MAIN, IN_SEAL, IN_FLOAT, IN_HEAP, WINDOWS };

static struct window windows[WINDOWS];

/* What the step is about; and what the last steps were about, to take them back. */
static char *start;
static size_t pages;
static int place;
static struct window last_range, moved_from, moved_to;

static void die(const char *what)
{
	fprintf(stderr, "replay: %s: %s\n", what, strerror(errno));
	_exit(2);
}

static char line_out[2048];

static void put(int length)
{
	if (write(STDOUT_FILENO, line_out, length) != length)
		_exit(2);
}

/* As snprintf() allocates nothing, the heap is all ours. */
#define print(...) put(snprintf(line_out, sizeof(line_out), __VA_ARGS__))

static char *end_of_words(void)
{
	return shared->words + strlen(shared->words);
}

/* Adds to the words for this step, if anybody reads them. */
#define say(...) ((void)(shared->trace && snprintf(end_of_words(), WORDS, __VA_ARGS__)))

/* splitmix64 */
static unsigned long draw(void)
{
	unsigned long z = shared->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned int below(unsigned int limit)
{
	return (draw() >> 32) % limit;
}

static bool one_in(unsigned int times)
{
	return !below(times);
}

#define count_of(array) (sizeof(array) / sizeof(*(array)))

static unsigned long mixed(unsigned long hash, unsigned long value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ (hash >> 29);
}

static void note(unsigned long value)
{
	shared->hash = mixed(shared->hash, value);
}

/* What the call returned, or less than 0. */
static long outcome(long returned)
{
	return returned == -1 ? -errno : returned;
}

#define call(...) outcome(syscall(__VA_ARGS__))

static int window_of(const char *address)
{
	for (int i = 0; i < WINDOWS; i++)
		if (address >= windows[i].start &&
		    address < windows[i].start + windows[i].pages * page)
			return i;
	return WINDOWS;
}

/* The first VMA that ends above the address. */
static bool query(const char *address, struct procmap_query *found)
{
	*found = (struct procmap_query){
		.size = sizeof(*found),
		.query_flags = PROCMAP_QUERY_COVERING_OR_NEXT_VMA,
		.query_addr = (unsigned long)address,
	};
	return !ioctl(maps_fd, PROCMAP_QUERY, found);
}

static void note_vma(const char *address)
{
	struct procmap_query found;

	if (query(address, &found)) {
		note(found.vma_start);
		note(found.vma_end);
		note(found.vma_flags);
		note(found.vma_offset);
	}
}

/* Ranges in which something else begins are the more interesting ones. */
static void choose_vma(const struct window *window)
{
	char *end = window->start + window->pages * page;
	struct procmap_query found;
	size_t half;

	if (!query(start, &found) || (char *)found.vma_start >= end)
		return;
	if ((char *)found.vma_start >= window->start)
		start = (char *)found.vma_start;
	if ((char *)found.vma_end < end)
		end = (char *)found.vma_end;
	pages = (end - start) / page;
	half = pages > 1 ? 1 + below(pages - 1) : 1;
	switch (below(5)) {
	case 0:
		pages = half;
		break;
	case 1:
		start += (pages - half) * page;
		pages = half;
		break;
	case 2:
		if (pages > 2) {
			start += page;
			pages -= 2;
		}
		break;
	case 3:
		pages += half;
		break;
	}
}

static void choose_in(int which)
{
	const struct window *window = &windows[which];
	size_t at = below(window->pages), rest;

	place = which;
	pages = 1U << below(5);
	switch (below(12)) {
	case 0 ... 4:
		at -= at % pages;
		start = window->start + at * page;
		break;
	case 5 ... 8:
		start = window->start + at * page;
		choose_vma(window);
		break;
	case 9:
		pages = 16U << below(3);
		at -= at % pages;
		start = window->start + at * page;
		break;
	case 10:
		start = window->start + at * page;
		break;
	default:
		start = last_range.start;
		pages = last_range.pages;
		if (window_of(start) != which) {
			start = window->start + at * page;
			pages = 1;
		}
	}
	rest = window->pages - (start - window->start) / page;
	if (pages > rest)
		pages = rest;
	last_range = (struct window){ start, pages };
}

static bool is_mapped(const char *address)
{
	struct procmap_query found;

	return query(address, &found) && (char *)found.vma_start <= address;
}

static void choose_any(void)
{
	static const int likely[] = {
		IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN,
		IN_MAIN, IN_MAIN, IN_MAIN, IN_FLOAT, IN_FLOAT, IN_HEAP, IN_HEAP, IN_SEAL,
	};

	choose_in(likely[below(count_of(likely))]);
}

/* Most calls do nothing where nothing is mapped. */
static void choose(void)
{
	int trials = 4;

	do {
		choose_any();
	} while (!is_mapped(start) && --trials);
}

/* Where nothing is mapped, if there is such a place. */
static void choose_hole(void)
{
	int trials = 4;

	do {
		choose_any();
	} while (is_mapped(start) && --trials);
}

static void say_range(const char *what)
{
	static const char *const names[] = { "main", "seal", "float", "heap" };

	say("%s %s %zu+%zu", what, names[place], (start - windows[place].start) / page, pages);
}

/* What a call has placed where it can be of no use goes again. */
static long placed(long address, size_t length)
{
	if (address >= 0 && window_of((char *)address) == WINDOWS)
		munmap((char *)address, length);
	return address;
}

static const struct {
	int bits;
	const char *name;
} protections[] = {
	{ PROT_READ | PROT_WRITE, "rw" },
	{ PROT_READ | PROT_WRITE, "rw" },
	{ PROT_READ | PROT_WRITE, "rw" },
	{ PROT_READ, "r" },
	{ PROT_READ, "r" },
	{ PROT_NONE, "none" },
	{ PROT_READ | PROT_WRITE | PROT_EXEC, "rwx" },
};

static long do_mmap(void)
{
	int which = below(count_of(protections));
	int flags = MAP_PRIVATE, fd = -1;
	const char *name = "anonymous";
	size_t offset = 0;
	void *hint = NULL;

	if (one_in(2))
		choose_hole();
	else
		choose_any();
	if (one_in(2)) {
		int file = one_in(8) ? below(FILES) : below(2);

		fd = files[file];
		name = file_names[file];
		if (file == SECRET || one_in(2))
			flags = MAP_SHARED;
		/* Mostly so that neighbours continue each other. */
		offset = (start - windows[place].start) / page;
		if (one_in(4))
			offset = below(FILE_PAGES - pages);
	} else {
		if (one_in(6))
			flags = one_in(4) ? MAP_DROPPABLE : MAP_SHARED;
		flags |= MAP_ANONYMOUS;
	}
	if (one_in(8))
		flags |= MAP_NORESERVE;
	if (one_in(16))
		flags |= MAP_LOCKED;
	if (one_in(8))
		flags |= MAP_POPULATE;
	switch (below(8)) {
	case 0:
		flags |= MAP_FIXED_NOREPLACE;
		hint = start;
		break;
	case 1:
		hint = start;
		break;
	case 2:
		break;
	default:
		flags |= MAP_FIXED;
		hint = start;
	}
	say_range("mmap");
	say("%s %s %s flags %x offset %zu", hint ? "" : " (anywhere)", name,
	    protections[which].name, flags, offset);
	return placed(call(SYS_mmap, hint, pages * page, protections[which].bits, flags, fd,
			   offset * page), pages * page);
}

static long do_munmap(void)
{
	choose();
	say_range("munmap");
	return call(SYS_munmap, start, pages * page);
}

static long do_mprotect(void)
{
	int which = below(count_of(protections));

	choose();
	say_range("mprotect");
	say(" %s", protections[which].name);
	return call(SYS_mprotect, start, pages * page, protections[which].bits);
}

static long remap(size_t new_pages, int flags, char *target)
{
	long moved;

	say_range("mremap");
	say(" to %zu pages, flags %x", new_pages, flags);
	if (flags & MREMAP_FIXED)
		say(" at %p", target);
	moved = call(SYS_mremap, start, pages * page, new_pages * page, flags, target);
	if (moved >= 0 && new_pages) {
		moved_from = (struct window){ start, new_pages };
		moved_to = (struct window){ (char *)moved, new_pages };
	}
	return placed(moved, new_pages * page);
}

static long do_mremap(void)
{
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED, from_place;
	struct window from;
	size_t new_pages;
	char *to;

	choose();
	if (moved_to.pages && one_in(4)) {
		/* Back to where it was. */
		start = moved_to.start;
		pages = moved_to.pages;
		place = window_of(start);
		if (place == WINDOWS)
			place = IN_MAIN;
		return remap(pages, flags, moved_from.start);
	}
	switch (below(8)) {
	case 0:
		return remap(1 + below(pages), 0, NULL);
	case 1:
	case 2:
		return remap(pages + 1 + below(8), 0, NULL);
	case 3:
		return remap(pages + 1 + below(8), MREMAP_MAYMOVE, NULL);
	case 4:
		return remap(pages, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	}
	from = (struct window){ start, pages };
	from_place = place;
	choose_in(IN_MAIN);
	to = start;
	new_pages = one_in(4) ? pages : from.pages;
	start = from.start;
	pages = from.pages;
	place = from_place;
	if (to + new_pages * page > MAIN + MAIN_PAGES * page)
		to = MAIN + (MAIN_PAGES - new_pages) * page;
	if (one_in(4)) {
		flags |= MREMAP_DONTUNMAP;
		new_pages = pages;
	} else if (one_in(16)) {
		/* A second mapping of shared pages. */
		pages = 0;
	}
	return remap(new_pages, flags, to);
}

static const struct advice {
	int advice;
	const char *name;
} advices[] = {
	{ MADV_DONTFORK, "DONTFORK" },
	{ MADV_DOFORK, "DOFORK" },
	{ MADV_DOFORK, "DOFORK" },
	{ MADV_DONTDUMP, "DONTDUMP" },
	{ MADV_DODUMP, "DODUMP" },
	{ MADV_SEQUENTIAL, "SEQUENTIAL" },
	{ MADV_RANDOM, "RANDOM" },
	{ MADV_NORMAL, "NORMAL" },
	{ MADV_NORMAL, "NORMAL" },
	{ MADV_HUGEPAGE, "HUGEPAGE" },
	{ MADV_NOHUGEPAGE, "NOHUGEPAGE" },
	{ MADV_MERGEABLE, "MERGEABLE" },
	{ MADV_UNMERGEABLE, "UNMERGEABLE" },
	{ MADV_WIPEONFORK, "WIPEONFORK" },
	{ MADV_KEEPONFORK, "KEEPONFORK" },
	{ MADV_DONTNEED, "DONTNEED" },
	{ MADV_REMOVE, "REMOVE" },
	{ MADV_FREE, "FREE" },
	{ MADV_COLD, "COLD" },
	{ MADV_WILLNEED, "WILLNEED" },
	{ MADV_POPULATE_READ, "POPULATE_READ" },
	{ MADV_POPULATE_WRITE, "POPULATE_WRITE" },
	{ MADV_GUARD_INSTALL, "GUARD_INSTALL" },
	{ MADV_GUARD_REMOVE, "GUARD_REMOVE" },
};

static long do_madvise(void)
{
	struct advice advice = advices[below(count_of(advices))];

	choose();
	say_range("madvise");
	say(" %s", advice.name);
	return call(SYS_madvise, start, pages * page, advice.advice);
}

static long do_process_madvise(void)
{
	struct advice advice = advices[below(count_of(advices))];
	struct iovec ranges[3];

	for (int i = 0; i < 3; i++) {
		choose();
		say_range(i ? "," : "process_madvise");
		ranges[i] = (struct iovec){ start, pages * page };
	}
	say(" %s", advice.name);
	return call(SYS_process_madvise, PIDFD_OF_SELF, ranges, 3, advice.advice, 0);
}

static long do_mlock(void)
{
	choose();
	switch (below(4)) {
	case 0:
		say_range("mlock");
		return call(SYS_mlock, start, pages * page);
	case 1:
		say_range("mlock2(ONFAULT)");
		return call(SYS_mlock2, start, pages * page, MLOCK_ONFAULT);
	}
	say_range("munlock");
	return call(SYS_munlock, start, pages * page);
}

static long do_mlockall(void)
{
	static const int all[] = {
		MCL_CURRENT, MCL_FUTURE, MCL_CURRENT | MCL_ONFAULT, MCL_FUTURE | MCL_ONFAULT,
	};
	int flags = all[below(count_of(all))];

	if (one_in(3)) {
		say("mlockall %x", flags);
		return call(SYS_mlockall, flags);
	}
	say("munlockall");
	return call(SYS_munlockall);
}

static long bind(int mode, unsigned long nodes)
{
	say_range("mbind");
	say(" mode %x nodes %lx", mode, nodes);
	return call(SYS_mbind, start, pages * page, mode, nodes ? &nodes : NULL,
		    nodes ? 64UL : 0UL, 0);
}

static long do_mbind(void)
{
	choose();
	switch (below(8)) {
	case 0:
		return bind(MPOL_BIND, 1UL << below(2));
	case 1:
		return bind(MPOL_INTERLEAVE, 3);
	case 2:
		return bind(MPOL_PREFERRED, 1UL << below(2));
	case 3:
		return bind(MPOL_BIND, 3);
	case 4:
		say_range("set_mempolicy_home_node");
		return call(SYS_set_mempolicy_home_node, start, pages * page, below(2), 0);
	}
	return bind(MPOL_DEFAULT, 0);
}

static long name_range(const char *name)
{
	say_range("name");
	say(" %s", name ? name : "(none)");
	return call(SYS_prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, pages * page, name);
}

static long do_name(void)
{
	static const char *const names[] = { NULL, NULL, "one", "two" };

	choose();
	return name_range(names[below(count_of(names))]);
}

/* Nobody is there to answer a fault: one is a SIGBUS, the other resolves itself. */
static int uffd(int which)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = which ? UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_HUGETLBFS_SHMEM :
				    UFFD_FEATURE_SIGBUS,
	};

	if (uffds[which] < 0) {
		uffds[which] = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
		if (ioctl(uffds[which], UFFDIO_API, &api))
			die("userfaultfd");
	}
	return uffds[which];
}

static long do_uffd_register(void)
{
	static const int modes[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_MISSING,
		UFFDIO_REGISTER_MODE_WP, UFFDIO_REGISTER_MODE_MINOR,
		UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_register request = { 0 };
	int which = below(2);

	choose();
	request.range.start = (unsigned long)start;
	request.range.len = pages * page;
	request.mode = UFFDIO_REGISTER_MODE_WP;
	if (!which)
		request.mode = modes[below(count_of(modes))];
	say_range("uffd register");
	say(" with %d mode %llx", which, request.mode);
	return outcome(ioctl(uffd(which), UFFDIO_REGISTER, &request));
}

static long do_uffd_unregister(void)
{
	struct uffdio_range request;
	int which = below(2);

	choose();
	request.start = (unsigned long)start;
	request.len = pages * page;
	say_range("uffd unregister");
	say(" from %d", which);
	return outcome(ioctl(uffd(which), UFFDIO_UNREGISTER, &request));
}

static long do_uffd_fill(void)
{
	struct uffdio_writeprotect protect = { 0 };
	struct uffdio_zeropage zero = { 0 };
	struct uffdio_copy copy = { 0 };

	choose();
	switch (below(3)) {
	case 0:
		protect.range.start = (unsigned long)start;
		protect.range.len = pages * page;
		protect.mode = one_in(2) ? UFFDIO_WRITEPROTECT_MODE_WP : 0;
		say_range("uffd write-protect");
		say(" %llx", protect.mode);
		return outcome(ioctl(uffd(below(2)), UFFDIO_WRITEPROTECT, &protect));
	case 1:
		zero.range.start = (unsigned long)start;
		zero.range.len = page;
		say_range("uffd zeropage");
		return outcome(ioctl(uffd(0), UFFDIO_ZEROPAGE, &zero));
	}
	copy.dst = (unsigned long)start;
	copy.src = (unsigned long)shared->scratch;
	copy.len = page;
	say_range("uffd copy");
	return outcome(ioctl(uffd(0), UFFDIO_COPY, &copy));
}

static void close_uffd(int which)
{
	if (uffds[which] >= 0)
		close(uffds[which]);
	uffds[which] = -1;
}

static long do_uffd_close(void)
{
	int which = below(2);

	say("uffd close %d", which);
	close_uffd(which);
	return 0;
}

static long do_mseal(void)
{
	choose_in(IN_SEAL);
	if (pages > 4)
		pages = 1 + below(4);
	say_range("mseal");
	return call(SYS_mseal, start, pages * page, 0);
}

static long do_brk(void)
{
	size_t count = below(HEAP_PAGES + 1);

	say("brk %zu", count);
	return call(SYS_brk, windows[IN_HEAP].start + count * page);
}

static sigjmp_buf fault;
static bool may_fault;

static void on_fault(int signal)
{
	if (!may_fault) {
		print("replay: signal %d\n", signal);
		_exit(3);
	}
	siglongjmp(fault, signal);
}

/* Reads or writes two places of a page; the signal if that was not possible. */
static int touch(char *at, bool writing, unsigned long value)
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
	for (size_t i = 0; i < pages; i++)
		done += !touch(start + i * page, writing, draw());
	return done;
}

static long do_write(void)
{
	return touch_range(true);
}

static long do_read(void)
{
	return touch_range(false);
}

static long do_truncate(void)
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

static long do_remap_file_pages(void)
{
	size_t offset = below(FILE_PAGES / 2);

	choose();
	say_range("remap_file_pages");
	say(" offset %zu", offset);
	return call(SYS_remap_file_pages, start, pages * page, 0, offset, 0);
}

/* A segment's VMAs have a close hook, so they must not disappear in a merge. */
static long do_shmat(void)
{
	int segment = segments[below(2)], flags = SHM_REMAP;

	choose_in(IN_MAIN);
	if (start + SEGMENT_PAGES * page > MAIN + MAIN_PAGES * page)
		start = MAIN + (MAIN_PAGES - SEGMENT_PAGES) * page;
	if (one_in(4))
		flags |= SHM_RDONLY;
	say_range("shmat");
	say(" %d flags %x", segment == segments[1], flags);
	return call(SYS_shmat, segment, start, flags);
}

static long do_shmdt(void)
{
	choose_in(IN_MAIN);
	say_range("shmdt");
	return call(SYS_shmdt, start);
}

static long do_memory_merge(void)
{
	bool on = one_in(3);

	say("PR_SET_MEMORY_MERGE %d", on);
	return call(SYS_prctl, PR_SET_MEMORY_MERGE, on, 0, 0, 0);
}

/* What was set on a large range is taken back, a call at a time, so that much merges. */
static int healing;
static struct window wound;

static long heal(void)
{
	static const int undone[] = {
		MADV_NORMAL, MADV_DOFORK, MADV_DODUMP, MADV_KEEPONFORK, MADV_UNMERGEABLE,
		MADV_NOHUGEPAGE, MADV_GUARD_REMOVE,
	};
	int remaining = healing--;

	start = wound.start;
	pages = wound.pages;
	place = window_of(start);
	switch (remaining) {
	case 1:
		say_range("undo: mprotect rw");
		return call(SYS_mprotect, start, pages * page, PROT_READ | PROT_WRITE);
	case 2:
		say("undo: ");
		return name_range(NULL);
	case 3:
		say("undo: ");
		return bind(MPOL_DEFAULT, 0);
	case 4:
		say_range("undo: munlock");
		return call(SYS_munlock, start, pages * page);
	}
	say_range("undo: madvise");
	say(" %d", undone[remaining - 5]);
	return call(SYS_madvise, start, pages * page, undone[remaining - 5]);
}

static long do_heal(void)
{
	choose();
	pages = 16;
	if (start + pages * page > windows[place].start + windows[place].pages * page)
		start = windows[place].start + (windows[place].pages - pages) * page;
	wound = (struct window){ start, pages };
	healing = 11;
	return heal();
}

static void serve(void);

static int free_slot(void)
{
	for (int i = 0; i < PROCESSES; i++)
		if (!shared->process[i].alive)
			return i;
	return -1;
}

static int count_alive(void)
{
	int count = 0;

	for (int i = 0; i < PROCESSES; i++)
		count += shared->process[i].alive;
	return count;
}

static void open_maps(void)
{
	maps_fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	if (maps_fd < 0)
		die("/proc/self/maps");
}

static void get_ready(int in_slot)
{
	slot = in_slot;
	open_maps();
	if (write(ready[1], "r", 1) != 1)
		_exit(2);
	serve();
}

/* All processes are children of the first, which so knows when one has gone for good. */
static long do_fork(void)
{
	int child = free_slot();
	pid_t pid;
	char byte;

	if (child < 0 || generation == GENERATIONS) {
		say("no fork");
		return 0;
	}
	say("fork into %d", child);
	pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		generation++;
		close(maps_fd);
		close_uffd(0);
		close_uffd(1);
		get_ready(child);
	}
	if (pid < 0)
		return -errno;
	shared->process[child] = (struct process){ .pid = pid, .alive = true };
	if (read(ready[0], &byte, 1) != 1)
		die("a child");
	return 0;
}

static long do_exit(void)
{
	if (count_alive() == 1 || healing) {
		say("no exit");
		return 0;
	}
	say("exit");
	shared->process[slot].exiting = true;
	return 0;
}

/* Where its stack will be is left to chance, so that it is moved there. */
static long do_exec(void)
{
	char *const arguments[] = { "true", NULL };
	int status;
	pid_t pid;

	say("exec");
	pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		personality(0);
		execve("/bin/true", arguments, arguments + 1);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return status;
}

static const struct operation {
	long (*run)(void);
	unsigned int weight;
} operations[] = {
	{ do_mmap, 130 },	   { do_munmap, 30 },	     { do_mprotect, 130 },
	{ do_mremap, 110 },	   { do_madvise, 180 },	     { do_process_madvise, 10 },
	{ do_mlock, 50 },	   { do_mlockall, 4 },	     { do_mbind, 60 },
	{ do_name, 50 },	   { do_uffd_register, 25 }, { do_uffd_unregister, 20 },
	{ do_uffd_fill, 15 },	   { do_uffd_close, 5 },     { do_mseal, 3 },
	{ do_brk, 40 },		   { do_write, 140 },	     { do_read, 20 },
	{ do_truncate, 8 },	   { do_shmat, 8 },	     { do_shmdt, 6 },
	{ do_memory_merge, 4 },	   { do_heal, 25 },	     { do_fork, 12 },
	{ do_exit, 10 },	   { do_exec, 2 },	     { do_remap_file_pages, 8 },
};

static long operate(void)
{
	static unsigned int sum;
	unsigned int chosen;

	if (healing)
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

/* The process's smaps, into the shared text. */
static void read_smaps(void)
{
	int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	do {
		got = read(fd, shared->text + length, sizeof(shared->text) - 1 - length);
		length += got > 0 ? got : 0;
	} while (got > 0);
	if (fd < 0 || got || !length)
		die("/proc/self/smaps");
	shared->text[length] = 0;
	close(fd);
}

static bool is_header(const char *line)
{
	return (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f');
}

/*
 * Of the VMAs outside the windows the counts of pages are left out: others share the
 * program's. Of all, how often pages were referenced, and by how many others.
 */
static bool is_skipped(const char *line, bool inside)
{
	if (is_header(line) || !strncmp(line, "VmFlags:", 8))
		return false;
	return !inside || !strncmp(line, "Referenced:", 11) || !strncmp(line, "Pss", 3);
}

/* A hash of what read_smaps() has read, without devices and inodes; and how many VMAs. */
static unsigned long hash_smaps(int *vmas)
{
	bool inside = false;
	char *line, *next;
	unsigned long hash = 0;

	*vmas = 0;
	for (line = shared->text; *line; line = next) {
		bool header = is_header(line);
		int field = 0;

		next = strchr(line, '\n') + 1;
		if (header) {
			++*vmas;
			inside = window_of((char *)strtoul(line, NULL, 16)) < WINDOWS;
		}
		if (is_skipped(line, inside))
			continue;
		for (char *c = line; c < next; c++) {
			if (*c == ' ')
				field++;
			else if (!header || field < 3 || field > 4)
				hash = mixed(hash, *c);
		}
	}
	return hash;
}

static void note_memory(void)
{
	unsigned long from, to;
	char *line, readable;

	for (line = shared->text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!is_header(line))
			continue;
		from = strtoul(line, &line, 16);
		to = strtoul(line + 1, &line, 16);
		readable = line[1];
		if (window_of((char *)from) == WINDOWS || readable != 'r')
			continue;
		for (; from < to && window_of((char *)from) < WINDOWS; from += page)
			touch((char *)from, false, 0);
	}
}

static void check(void)
{
	int vmas;

	read_smaps();
	note(hash_smaps(&vmas));
	note_memory();
}

static void show(const char *when)
{
	char *line, *next;

	read_smaps();
	print("%s step %lu, process %d:\n", when, shared->step, slot);
	for (line = shared->text; *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (is_header(line) || !strncmp(line, "VmFlags:", 8))
			print("  %.*s", (int)(next - line), line);
	}
}

static void step(void)
{
	bool shown = shared->show == shared->step;
	int vmas = 0;
	long result;

	*shared->words = 0;
	start = MAIN;
	pages = 0;
	if (shown)
		show("before");
	result = operate();
	note(result);
	note_vma(start - page);
	note_vma(start);
	note_vma(start + pages * page);
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

static bool at_check(void)
{
	return shared->step % EVERY == 0 || shared->step == shared->steps;
}

static void serve(void)
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

/* Here on: the first process, which makes no steps itself. */

static void on_child(int signal)
{
	int error = errno;

	if (write(replies[1], "D", 1) != 1)
		_exit(signal);
	errno = error;
}

static void spawn(int in_slot)
{
	pid_t pid = fork();
	char byte, *top;

	if (!pid) {
		signal(SIGCHLD, SIG_DFL);
		top = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		munmap(top, page);
		windows[IN_MAIN] = (struct window){ MAIN, MAIN_PAGES };
		windows[IN_SEAL] = (struct window){ MAIN + MAIN_PAGES * page, SEAL_PAGES };
		windows[IN_FLOAT].start = top - (FLOAT_PAGES - 1) * page;
		windows[IN_FLOAT].pages = FLOAT_PAGES;
		windows[IN_HEAP].start = (char *)(((unsigned long)sbrk(0) + page - 1) & -page);
		windows[IN_HEAP].pages = HEAP_PAGES;
		get_ready(in_slot);
	}
	if (pid < 0)
		die("fork");
	shared->process[in_slot] = (struct process){ .pid = pid, .alive = true };
	if (read(ready[0], &byte, 1) != 1)
		die("a process");
}

static void bury(int in_slot)
{
	struct process *process = &shared->process[in_slot];
	int status;

	if (waitpid(process->pid, &status, 0) != process->pid)
		die("waitpid");
	process->alive = false;
	if (!process->exiting || status) {
		print("step %lu: process %d ended with %x: %s\n", shared->step, in_slot, status,
		      shared->words);
		exit(3);
	}
}

static void take_turn(int in_slot, char what)
{
	char reply;

	if (write(turns[in_slot][1], &what, 1) != 1 || read(replies[0], &reply, 1) != 1)
		die("a turn");
	if (reply == 'D')
		bury(in_slot);
}

static void play(void)
{
	int chosen, slot_free;

	while (shared->step < shared->steps) {
		slot_free = free_slot();
		if (!count_alive() || (slot_free >= 0 && one_in(60)))
			spawn(slot_free);
		do {
			chosen = below(PROCESSES);
		} while (!shared->process[chosen].alive);
		take_turn(chosen, 'r');
		if (!at_check())
			continue;
		for (int i = 0; i < PROCESSES; i++)
			if (shared->process[i].alive)
				take_turn(i, 'c');
		print("%lu %lu %016lx\n", shared->seed, shared->step, shared->hash);
	}
}

static void write_setting(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(file);
	close(fd);
}

/* Nothing that the kernel does on its own account, and no choice of processors. */
static void keep_quiet(unsigned long seed)
{
	cpu_set_t one;

	write_setting("/sys/kernel/mm/transparent_hugepage/enabled", "never");
	write_setting("/sys/kernel/mm/ksm/run", "0");
	write_setting("/proc/sys/vm/max_map_count", MAP_LIMIT);
	CPU_ZERO(&one);
	CPU_SET(seed % sysconf(_SC_NPROCESSORS_CONF), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		die("sched_setaffinity");
}

static void set_up(void)
{
	struct sigaction faults = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction child = { .sa_handler = on_child, .sa_flags = SA_RESTART };

	shared = mmap(SHARED, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);
	if (shared != SHARED)
		die("mmap");
	files[MEMFD_ONE] = memfd_create("one", MFD_CLOEXEC);
	files[MEMFD_TWO] = memfd_create("two", MFD_CLOEXEC);
	files[ZERO] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	files[SECRET] = syscall(SYS_memfd_secret, O_CLOEXEC);
	for (int i = 0; i < FILES; i++)
		if (files[i] < 0 || (i != ZERO && ftruncate(files[i], FILE_PAGES * page)))
			die(file_names[i]);
	for (int i = 0; i < 2; i++) {
		segments[i] = shmget(IPC_PRIVATE, SEGMENT_PAGES * page, IPC_CREAT | 0600);
		if (segments[i] < 0)
			die("shmget");
	}
	for (int i = 0; i < PROCESSES; i++)
		if (pipe2(turns[i], O_CLOEXEC))
			die("pipe");
	if (pipe2(replies, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		die("pipe");
	if (sigaction(SIGSEGV, &faults, NULL) || sigaction(SIGBUS, &faults, NULL) ||
	    sigaction(SIGCHLD, &child, NULL))
		die("sigaction");
}

int main(int argc, char **argv)
{
	char *const nothing[] = { NULL };
	const int fixed = ADDR_NO_RANDOMIZE;
	int old = personality(0xffffffff);
	unsigned long seed;

	page = sysconf(_SC_PAGESIZE);
	if (argc < 3) {
		fprintf(stderr, "usage: replay SEED STEPS [--trace] [--show STEP]\n");
		return 2;
	}
	if (!(old & fixed)) {
		personality(old | fixed);
		execve("/proc/self/exe", argv, nothing);
		die("exec");
	}
	seed = strtoul(argv[1], NULL, 0);
	keep_quiet(seed);
	set_up();
	shared->seed = seed;
	shared->steps = strtoul(argv[2], NULL, 0);
	shared->show = -1UL;
	for (int i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "--trace"))
			shared->trace = true;
		else if (!strcmp(argv[i], "--show") && i + 1 < argc)
			shared->show = strtoul(argv[++i], NULL, 0);
	}
	shared->random = seed;
	play();
	signal(SIGCHLD, SIG_DFL);
	for (int i = 0; i < PROCESSES; i++)
		if (shared->process[i].alive)
			kill(shared->process[i].pid, SIGKILL);
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < 2; i++)
		shmctl(segments[i], IPC_RMID, NULL);
	return 0;
}
