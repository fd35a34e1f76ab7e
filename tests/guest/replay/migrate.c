// SPDX-License-Identifier: GPL-2.0
/*
 * Moves every page to the other node, and back. The kernel finds all mappings of a page
 * through the rmap. If the rmap lacks a mapping, the page cannot be moved.
 */
#include "replay.h"
#include <linux/mempolicy.h>

#define MOST 512

static void *pages_of_all[MOST];
static int nodes[MOST], wanted[MOST];
static size_t count;

/*
 * Collects the pages of a VMA. Pages of secret memory never move. A page that KSM has
 * taken may not move either: relatives have shared it since a fork, and KSM's rmap knows
 * only those that descend from the process from which it took the page.
 */
void collect_pages(const struct vma *vma)
{
	int which = window_of((char *)vma->from);

	if (which == WINDOWS || is_called(vma, "/secretmem"))
		return;
	/* Copying a huge page takes long. */
	if (which == IN_HUGE && !one_in(4))
		return;
	for (unsigned long at = vma->from; at < vma->to; at += unit_of(which) * page)
		if (count < MOST && window_of((char *)at) < WINDOWS && !is_of_ksm((char *)at))
			pages_of_all[count++] = (void *)at;
}

/* Finds the node of each page, or the errno if it has none. */
static void find_nodes(int *found)
{
	if (syscall(SYS_move_pages, 0, count, pages_of_all, NULL, found, 0))
		die("move_pages");
}

static long move(size_t first, size_t number)
{
	int status[MOST];

	return outcome(syscall(SYS_move_pages, 0, number, &pages_of_all[first], &wanted[first],
			       status, MPOL_MF_MOVE_ALL));
}

static void move_all(const char *where)
{
	long result = move(0, count);

	find_nodes(nodes);
	for (size_t i = 0; i < count; i++) {
		/* The call stops at the first page that fails. */
		for (int trial = 0; nodes[i] != wanted[i] && trial < 3; trial++) {
			move(i, 1);
			find_nodes(nodes);
		}
		if (nodes[i] != wanted[i])
			complain("page %p is on node %d: it cannot be moved %s to %d, %ld",
				 pages_of_all[i], nodes[i], where, wanted[i], result);
	}
}

void migrate_all(void)
{
	size_t present = 0;

	find_nodes(nodes);
	for (size_t i = 0; i < count; i++) {
		/*
		 * The node is not noted, because for interleaved memory it depends on the
		 * inode number.
		 */
		note(nodes[i] < 0 ? nodes[i] : 0);
		if (nodes[i] < 0)
			continue;
		pages_of_all[present] = pages_of_all[i];
		wanted[present++] = !nodes[i];
	}
	count = present;
	move_all("away");
	for (size_t i = 0; i < count; i++)
		wanted[i] = !wanted[i];
	move_all("back");
	count = 0;
}
