// SPDX-License-Identifier: GPL-2.0
/*
 * Replaces the C library's allocator where instructions are counted. Each
 * allocation takes equally many instructions, whatever was freed before, so
 * that neither world is charged for the leftovers of the other.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Sizes are powers of two, from this one on; each block begins at a multiple of
 * SMALLEST.
 */
#define SMALLEST	256UL
#define CLASSES		24
#define ARENA		(64UL << 20)

/* The header in front of each block, as large as the smallest block. */
struct header {
	struct header *next;
	unsigned int class;
} __aligned(SMALLEST);

static char arena[ARENA] __aligned(SMALLEST);
static size_t used;
static struct header *unused[CLASSES];

static unsigned int class_of(size_t size)
{
	return 64 - __builtin_clzl((size - 1) / SMALLEST | 1) - (size <= SMALLEST);
}

static size_t size_of(unsigned int class)
{
	return SMALLEST << class;
}

void *malloc(size_t size)
{
	unsigned int class = class_of(size ? size : 1);
	struct header *block;

	if (class >= CLASSES)
		return NULL;
	block = unused[class];
	if (block) {
		unused[class] = block->next;
		return block + 1;
	}
	if (ARENA - used < sizeof(*block) + size_of(class))
		return NULL;
	block = (struct header *)(arena + used);
	used += sizeof(*block) + size_of(class);
	block->class = class;
	return block + 1;
}

void free(void *memory)
{
	struct header *block = (struct header *)memory - 1;

	if (!memory)
		return;
	block->next = unused[block->class];
	unused[block->class] = block;
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	memory = malloc(bytes);
	if (memory)
		memset(memory, 0, bytes);
	return memory;
}

void *realloc(void *memory, size_t size)
{
	struct header *block = (struct header *)memory - 1;
	void *larger;

	if (memory && size <= size_of(block->class))
		return memory;
	larger = malloc(size);
	if (larger && memory) {
		memcpy(larger, memory, size_of(block->class));
		free(memory);
	}
	return larger;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return alignment <= SMALLEST ? malloc(size) : NULL;
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	*memory = aligned_alloc(alignment, size);
	return *memory ? 0 : ENOMEM;
}
