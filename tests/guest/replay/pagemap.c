// SPDX-License-Identifier: GPL-2.0
/*
 * The flags that pagemap has for each page: present, of a file, mapped once, a guard,
 * soft-dirty...
 */
#include "replay.h"
#include <linux/kernel-page-flags.h>

#define FIRST_FLAG 55
#define FRAME ((1UL << FIRST_FLAG) - 1)
/* Flags of an entry that is shifted right by FIRST_FLAG. */
#define SOFT_DIRTY 1UL
#define PRESENT (1UL << (63 - FIRST_FLAG))

bool has_soft_dirty;

static void read_flags(const char *address, unsigned long *flags, size_t count)
{
	ssize_t size = count * sizeof(*flags);
	off_t at = (unsigned long)address / page * sizeof(*flags);

	if (pread(pagemap_fd, flags, size, at) != size)
		die("/proc/self/pagemap");
	/* The lower bits are the location of the page. */
	for (size_t i = 0; i < count; i++)
		flags[i] >>= FIRST_FLAG;
}

void note_pagemap(void)
{
	unsigned long flags[128];

	for (int i = 0; i < WINDOWS; i++) {
		size_t unit = unit_of(i), step = unit > 1 ? 1 : count_of(flags);

		for (size_t at = 0; at < windows[i].pages; at += step * unit) {
			size_t rest = (windows[i].pages - at) / unit;
			size_t count = rest < step ? rest : step;

			read_flags(windows[i].start + at * page, flags, count);
			for (size_t j = 0; j < count; j++)
				note(flags[j]);
		}
	}
}

bool is_present(const char *address)
{
	unsigned long flags;

	read_flags(address, &flags, 1);
	return flags & PRESENT;
}

/* Returns whether KSM has taken the page at this address. */
bool is_of_ksm(const char *address)
{
	off_t at = (unsigned long)address / page * sizeof(unsigned long);
	unsigned long entry, flags;
	int fd;

	if (!has_ksm)
		return false;
	if (pread(pagemap_fd, &entry, sizeof(entry), at) != sizeof(entry))
		die("/proc/self/pagemap");
	if (!(entry >> FIRST_FLAG & PRESENT))
		return false;
	at = (entry & FRAME) * sizeof(flags);
	fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &flags, sizeof(flags), at) != sizeof(flags))
		die("/proc/kpageflags");
	close(fd);
	return flags >> KPF_KSM & 1;
}

/* Clears the soft-dirty bits. Pages that are written afterwards become soft-dirty. */
long do_clear_soft_dirty(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	long result = outcome(write(fd, "4", 1));

	say("clear soft-dirty bits");
	close(fd);
	return result;
}

/*
 * Checks that a page that was written is soft-dirty, whatever has become of its VMA, on
 * processors that have a bit for that. A huge page is soft-dirty if its VMA is.
 */
void check_written(const char *address)
{
	unsigned long flags;

	if (!has_soft_dirty || window_of(address) == IN_HUGE)
		return;
	read_flags(address, &flags, 1);
	if (!(flags & SOFT_DIRTY))
		complain("a page was written, and is not soft-dirty: %s", shared->words);
}

/* Finds out whether a page becomes soft-dirty with its first write. */
void find_soft_dirty(void)
{
	static char written[2 << 16];
	unsigned long flags;

	*written = 1;
	pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	read_flags(written, &flags, 1);
	has_soft_dirty = flags & SOFT_DIRTY;
	close(pagemap_fd);
}
