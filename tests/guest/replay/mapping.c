// SPDX-License-Identifier: GPL-2.0
/* The steps that map, unmap and move memory. */
#include "replay.h"

bool has_moved;

/* The last move, to undo it. */
static struct window moved_from, moved_to;

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

/* Chooses an offset, mostly one with which neighbours continue each other. */
static size_t choose_offset(size_t file_pages)
{
	size_t unit = unit_of(place);

	if (one_in(4))
		return unit * below((file_pages - pages) / unit + 1);
	return (start - windows[place].start) / page;
}

long do_mmap(void)
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
	if (place == IN_HUGE && one_in(2)) {
		fd = huge_file;
		name = "huge memfd";
		flags = one_in(2) ? MAP_SHARED : MAP_PRIVATE;
		offset = choose_offset(windows[IN_HUGE].pages);
	} else if (place == IN_HUGE) {
		flags = MAP_ANONYMOUS | MAP_HUGETLB | (one_in(2) ? MAP_SHARED : MAP_PRIVATE);
	} else if (one_in(2)) {
		int file = one_in(8) ? below(FILES) : below(2);

		fd = files[file];
		name = file_names[file];
		if (one_in(3)) {
			fd = sealable_file();
			name = "sealable memfd";
		}
		if (fd == files[SECRET] || one_in(2))
			flags = MAP_SHARED;
		offset = choose_offset(FILE_PAGES);
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

long do_munmap(void)
{
	choose();
	say_range("munmap");
	return call(SYS_munmap, start, pages * page);
}

long do_mprotect(void)
{
	int which = below(count_of(protections));

	choose();
	say_range("mprotect");
	say(" %s", protections[which].name);
	return call(SYS_mprotect, start, pages * page, protections[which].bits);
}

/*
 * Returns whether the range may stay mapped after its pages are moved away. Such a VMA
 * has no anon_vma afterwards. If it was moved itself before, the kernel's own check of
 * offsets (assert_sane_pgoff()) would report it when it is split, unless it maps a file.
 */
static bool may_stay_mapped(void)
{
	struct procmap_query found = { 0 };

	if (!has_moved)
		return true;
	for (char *at = start; at < start + pages * page; at = (char *)found.vma_end)
		/*
		 * The inode may be 0, because that of a System V segment is the segment's
		 * number.
		 */
		if (!query(at, &found) || !(found.dev_major || found.dev_minor))
			return false;
	return true;
}

static long remap(size_t new_pages, int flags, char *target)
{
	long moved;

	say_range("mremap");
	say(" to %zu pages, flags %x", new_pages, flags);
	if (flags & MREMAP_FIXED)
		say(" at %p", target);
	if (flags & MREMAP_MAYMOVE)
		has_moved = true;
	moved = call(SYS_mremap, start, pages * page, new_pages * page, flags, target);
	if (moved >= 0 && new_pages) {
		moved_from = (struct window){ start, new_pages };
		moved_to = (struct window){ (char *)moved, new_pages };
	}
	return placed(moved, new_pages * page);
}

long do_mremap(void)
{
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED, from_place;
	struct window from;
	size_t new_pages;
	char *to;

	choose();
	if (moved_to.pages && one_in(4)) {
		/* The range moves back to where it was. */
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
		if (may_stay_mapped())
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
	if (to + new_pages * page > end_of(IN_MAIN))
		to = end_of(IN_MAIN) - new_pages * page;
	if (one_in(4) && may_stay_mapped()) {
		flags |= MREMAP_DONTUNMAP;
		new_pages = pages;
	} else if (one_in(16)) {
		/* This makes a second mapping of shared pages. */
		pages = 0;
	}
	return remap(new_pages, flags, to);
}

long do_brk(void)
{
	size_t count = below(windows[IN_HEAP].pages + 1);

	say("brk %zu", count);
	return call(SYS_brk, windows[IN_HEAP].start + count * page);
}

long do_remap_file_pages(void)
{
	size_t offset = below(FILE_PAGES / 2);

	choose();
	say_range("remap_file_pages");
	say(" offset %zu", offset);
	return call(SYS_remap_file_pages, start, pages * page, 0, offset, 0);
}
