// SPDX-License-Identifier: GPL-2.0
/*
 * System V segments. The kernel counts the VMAs of each segment in all processes
 * together: the count rises when a VMA is split, moved or inherited, and drops when a VMA
 * is removed.
 */
#include "replay.h"
#include <sys/shm.h>

int segments[SEGMENTS];

void create_segments(void)
{
	for (int i = 0; i < SEGMENTS; i++) {
		segments[i] = shmget(IPC_PRIVATE, SEGMENT_PAGES * page, IPC_CREAT | 0600);
		if (segments[i] < 0)
			die("shmget");
	}
}

/* A segment's VMAs have a close hook, so they must not disappear in a merge. */
long do_shmat(void)
{
	int segment = below(SEGMENTS), flags = SHM_REMAP;

	choose_in(IN_MAIN);
	if (start + SEGMENT_PAGES * page > end_of(IN_MAIN))
		start = end_of(IN_MAIN) - SEGMENT_PAGES * page;
	if (one_in(4))
		flags |= SHM_RDONLY;
	say_range("shmat");
	say(" %d flags %x", segment, flags);
	return call(SYS_shmat, segments[segment], start, flags);
}

long do_shmdt(void)
{
	choose_in(IN_MAIN);
	say_range("shmdt");
	return call(SYS_shmdt, start);
}

static unsigned long attachments(int segment)
{
	struct shmid_ds found;

	if (shmctl(segments[segment], IPC_STAT, &found))
		die("shmctl");
	return found.shm_nattch;
}

void note_attachments(void)
{
	for (int i = 0; i < SEGMENTS; i++)
		note(attachments(i));
}

/* smaps shows the number of the segment instead of an inode number. */
void count_attachment(const struct vma *vma)
{
	for (int i = 0; i < SEGMENTS; i++)
		if (is_called(vma, "/SYSV") && vma->inode == (unsigned long)segments[i])
			shared->attached[i]++;
}

void check_attachments(void)
{
	for (int i = 0; i < SEGMENTS; i++)
		if (attachments(i) != shared->attached[i])
			complain("segment %d has %lu attachments, and %lu VMAs", i,
				 attachments(i), shared->attached[i]);
}

void remove_segments(void)
{
	for (int i = 0; i < SEGMENTS; i++)
		shmctl(segments[i], IPC_RMID, NULL);
}
