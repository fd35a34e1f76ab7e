// SPDX-License-Identifier: GPL-2.0
/*
 * A process whose VMAs others change. It maps sixteen pages far from its other mappings,
 * touches them, prints "PID START PAGE_SIZE", and sleeps until it is killed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ADDRESS	0x200000000000UL
#define PAGES	16

int main(void)
{
	long page_size = sysconf(_SC_PAGESIZE);
	size_t size = PAGES * page_size;
	char *start;

	start = mmap((void *)ADDRESS, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (start == MAP_FAILED) {
		perror("mmap");
		return EXIT_FAILURE;
	}
	memset(start, 1, size);

	printf("%d %lx %lx\n", getpid(), (unsigned long)start, page_size);
	fflush(stdout);
	pause();
	return EXIT_SUCCESS;
}
