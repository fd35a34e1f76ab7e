// SPDX-License-Identifier: GPL-2.0
/*
 * The range of a step's call. Each process has windows, which are far from its other
 * mappings. A range in a window is chosen so that it often begins or ends with a VMA.
 */
#include "replay.h"

#define MAIN ((char *)0x200000000000UL)
#define MAIN_PAGES 96
#define SEAL_PAGES 16
#define FLOAT_PAGES 64
#define HEAP_PAGES 32
#define HUGE (MAIN + (1UL << 30))

struct window windows[WINDOWS];

char *start;
size_t pages;
int place;

static struct window last_range;

/* Places the windows: three at fixed addresses, one where the kernel maps memory, and the heap. */
void place_windows(void)
{
	char *top = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(top, page);
	windows[IN_MAIN] = (struct window){ MAIN, MAIN_PAGES };
	windows[IN_SEAL] = (struct window){ MAIN + MAIN_PAGES * page, SEAL_PAGES };
	windows[IN_FLOAT].start = top - (FLOAT_PAGES - 1) * page;
	windows[IN_FLOAT].pages = FLOAT_PAGES;
	windows[IN_HEAP].start = (char *)(((unsigned long)sbrk(0) + page - 1) & -page);
	windows[IN_HEAP].pages = HEAP_PAGES;
	windows[IN_HUGE] = (struct window){ HUGE, HUGE_UNITS * HUGE_UNIT };
}

/* Returns the number of small pages in a page of this window. */
size_t unit_of(int which)
{
	return which == IN_HUGE ? HUGE_UNIT : 1;
}

char *end_of(int which)
{
	return windows[which].start + windows[which].pages * page;
}

int window_of(const char *address)
{
	for (int i = 0; i < WINDOWS; i++)
		if (address >= windows[i].start && address < end_of(i))
			return i;
	return WINDOWS;
}

/* Finds the first VMA that ends above the address. */
bool query(const char *address, struct procmap_query *found)
{
	*found = (struct procmap_query){
		.size = sizeof(*found),
		.query_flags = PROCMAP_QUERY_COVERING_OR_NEXT_VMA,
		.query_addr = (unsigned long)address,
	};
	return !ioctl(maps_fd, PROCMAP_QUERY, found);
}

/* Chooses a range from start on, preferably one in which another VMA begins. */
static void choose_vma(const struct window *window, size_t unit)
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
	half = pages > unit ? unit * (1 + below(pages / unit - 1)) : unit;
	switch (below(5)) {
	case 0:
		pages = half;
		break;
	case 1:
		start += (pages - half) * page;
		pages = half;
		break;
	case 2:
		if (pages > 2 * unit) {
			start += unit * page;
			pages -= 2 * unit;
		}
		break;
	case 3:
		pages += half;
		break;
	}
}

void choose_in(int which)
{
	const struct window *window = &windows[which];
	size_t unit = unit_of(which), at = unit * below(window->pages / unit), rest;

	place = which;
	pages = unit << below(5);
	switch (below(12)) {
	case 0 ... 4:
		at -= at % pages;
		start = window->start + at * page;
		break;
	case 5 ... 8:
		start = window->start + at * page;
		choose_vma(window, unit);
		break;
	case 9:
		pages = unit * (16U << below(3));
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
			pages = unit;
		}
	}
	rest = window->pages - (start - window->start) / page;
	if (pages > rest)
		pages = rest;
	/* Most calls refuse a part of a huge page. */
	if (unit > 1 && pages == unit && one_in(16))
		pages = 1;
	last_range = (struct window){ start, pages };
}

bool is_mapped(const char *address)
{
	struct procmap_query found;

	return query(address, &found) && (char *)found.vma_start <= address;
}

void choose_any(void)
{
	static const int likely[] = {
		IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN, IN_MAIN,
		IN_MAIN, IN_MAIN, IN_MAIN, IN_FLOAT, IN_FLOAT, IN_HEAP, IN_HEAP, IN_SEAL,
	};

	choose_in(has_huge_pages && one_in(12) ? IN_HUGE : likely[below(count_of(likely))]);
}

/* Chooses a range that is preferably mapped, because most calls do nothing elsewhere. */
void choose(void)
{
	int trials = 4;

	do {
		choose_any();
	} while (!is_mapped(start) && --trials);
}

/* Chooses a range where nothing is mapped, if possible. */
void choose_hole(void)
{
	int trials = 4;

	do {
		choose_any();
	} while (is_mapped(start) && --trials);
}

void say_range(const char *what)
{
	static const char *const names[] = { "main", "seal", "float", "heap", "huge" };

	say("%s %s %zu+%zu", what, names[place], (start - windows[place].start) / page, pages);
}

/* Unmaps memory that a call has placed outside the windows. */
long placed(long address, size_t length)
{
	if (address >= 0 && window_of((char *)address) == WINDOWS)
		munmap((char *)address, length);
	return address;
}
