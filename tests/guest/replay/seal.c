// SPDX-License-Identifier: GPL-2.0
/*
 * Memfds that are sealed against writing. Sealing is possible as long as no VMA maps the
 * file shared and may ever become writable. A sealed file stays mapped, and the next file
 * takes its place.
 */
#include "replay.h"

static int sealable[SEALABLE];

void create_sealable_files(void)
{
	for (int i = 0; i < SEALABLE; i++) {
		sealable[i] = memfd_create("sealable", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (sealable[i] < 0 || ftruncate(sealable[i], FILE_PAGES * page))
			die("memfd_create");
	}
}

int sealable_file(void)
{
	return sealable[shared->sealed];
}

/*
 * Counts a VMA that keeps the current file from being sealed. The VMA may have been given
 * a name. A segment is on the same device, but its number is not an inode number.
 */
void count_writable(const struct vma *vma)
{
	struct stat file;

	if (fstat(sealable_file(), &file))
		die("fstat");
	if (vma->shared_maywrite && vma->device == file.st_dev && vma->inode == file.st_ino &&
	    !is_called(vma, "/SYSV"))
		shared->writable++;
}

static long seal(int fd)
{
	return outcome(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

void try_to_seal(void)
{
	long result = seal(sealable_file());

	note(result);
	if (result != (shared->writable ? -EBUSY : 0))
		complain("sealing ended with %ld, with %lu writable shared VMAs", result,
			 shared->writable);
	if (!result && shared->sealed + 1 < SEALABLE)
		shared->sealed++;
}

/* Checks that all files can be sealed after everything was unmapped. */
void seal_all(void)
{
	for (int i = 0; i < SEALABLE; i++)
		if (seal(sealable[i]))
			complain("sealable memfd %d cannot be sealed in the end", i);
	for (int i = 0; i <= MEMFD_TWO; i++)
		if (seal(files[i]))
			complain("%s cannot be sealed in the end", file_names[i]);
}
