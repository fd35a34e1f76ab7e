// SPDX-License-Identifier: GPL-2.0
/*
 * Every page is moved to the other node, and back. The kernel finds all mappings of a page
 * by the rmap; if one is missing there, the page cannot be moved.
 */
#include "replay.h"
#include <linux/mempolicy.h>

#define MOST 512

static void *pages_of_all[MOST];
static int nodes[MOST], wanted[MOST];
static size_t count;

/*
 * Pages of secret memory never move. One that KSM has taken may not: relatives share it since
 * a fork, and KSM's rmap knows those only that descend from the process it took the page of.
 */
void collect_pages(const struct vma *vma)
{
	int which = window_of((char *)vma->from);

	if (which == WINDOWS || is_called(vma, "/secretmem"))
		return;
	/* It takes long to copy a huge page. */
	if (which == IN_HUGE && !one_in(4))
		return;
	for (unsigned long at = vma->from; at < vma->to; at += unit_of(which) * page)
		if (count < MOST && window_of((char *)at) < WINDOWS && !is_of_ksm((char *)at))
			pages_of_all[count++] = (void *)at;
}

/* The node of each page, or why it has none. */
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
		/* The call ends at the first page that fails. */
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
		/* Which node, hangs on the number of the inode where memory is interleaved. */
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
