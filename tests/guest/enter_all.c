// SPDX-License-Identifier: GPL-2.0
/*
 * Has the kernel call each function of mm/vma.c that is hooked; the file engine tells who
 * served them. vma_expand() and vma_shrink() were called before this begins, when its
 * stack was moved to where it is.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 8

int main(void)
{
	long page_size = sysconf(_SC_PAGESIZE);
	char *start;

	start = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* What is new may merge: vma_merge_new_range(). What changes, too: vma_modify(). */
	if (start == MAP_FAILED || mprotect(start + 2 * page_size, page_size, PROT_READ) ||
	    /* __split_vma(), twice */
	    munmap(start + 5 * page_size, page_size)) {
		perror("enter_all");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
