// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations, each of which can be made to fail. Each object is really freed,
 * so that AddressSanitizer sees every use after free. This file replaces
 * tools/testing/shared/linux.c, which keeps freed objects.
 */
#include "world.h"

#include <string.h>

int nr_allocated;
int preempt_count;
int test_verbose;
int kmalloc_verbose;

bool leaf_fails(void)
{
	return ++world->fallible == world->fails_at;
}

void *object_alloc(enum object kind, size_t size)
{
	void *object;

	if (leaf_fails())
		return NULL;
	object = malloc(size);
	if (!object)
		abort();
	world->alive[kind]++;
	return object;
}

void object_free(enum object kind, void *object)
{
	world->alive[kind]--;
	free(object);
}

struct vma_extra *vma_extra(const struct vm_area_struct *vma)
{
	return (struct vma_extra *)vma - 1;
}

static void see_vma(const struct vm_area_struct *vma, unsigned long number)
{
	if (world->seen_count == world->seen_room) {
		world->seen_room = world->seen_room ? 2 * world->seen_room : 256;
		world->seen = realloc(world->seen,
				      world->seen_room * sizeof(*world->seen));
		if (!world->seen)
			abort();
	}
	world->seen[world->seen_count].vma = vma;
	world->seen[world->seen_count++].number = number;
}

unsigned long vma_seen(const struct vm_area_struct *vma)
{
	size_t i;

	if (!vma)
		return 0;
	/* Memory may be reused: the last VMA at this address is meant. */
	for (i = world->seen_count; i--; )
		if (world->seen[i].vma == vma)
			return world->seen[i].number;
	return ULONG_MAX;
}

static struct vm_area_struct *alloc_vma(size_t size)
{
	struct vma_extra *extra = object_alloc(OBJECT_VMA, sizeof(*extra) + size);
	struct vm_area_struct *vma;

	if (!extra)
		return NULL;
	memset(extra, 0, sizeof(*extra));
	extra->number = ++world->numbers[OBJECT_VMA];
	vma = (struct vm_area_struct *)(extra + 1);
	see_vma(vma, extra->number);
	record_event(EVENT_VMA_ALLOC, extra->number, 0, 0, 0, 0);
	return vma;
}

static void free_vma(struct vm_area_struct *vma)
{
	struct vma_extra *extra = vma_extra(vma);

	WARN_ON(extra->mapping);
	WARN_ON(!list_empty(&vma->anon_vma_chain));
	record_event(EVENT_VMA_FREE, extra->number, 0, 0, 0, 0);
	object_free(OBJECT_VMA, extra);
}

/* The two caches differ in their alignment: nodes are aligned. */
struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size,
					    struct kmem_cache_args *args,
					    unsigned int flags)
{
	struct kmem_cache *cache = calloc(1, sizeof(*cache));

	(void)name;
	(void)flags;
	if (!cache)
		abort();
	cache->size = size;
	cache->align = args->align;
	cache->sheaf_capacity = args->sheaf_capacity;
	return cache;
}

static void *alloc_node(struct kmem_cache *cache)
{
	void *node = aligned_alloc(cache->align, cache->size);

	if (!node)
		abort();
	world->alive[OBJECT_NODE]++;
	return node;
}

/*
 * An allocation without reclaim always fails, and one that must not fail never
 * does.
 */
static bool allocation_fails(gfp_t gfp)
{
	if (gfp & __GFP_NOFAIL)
		return false;
	return !(gfp & __GFP_DIRECT_RECLAIM) || leaf_fails();
}

void *kmem_cache_alloc_lru(struct kmem_cache *cache, struct list_lru *lru, int gfp)
{
	void *node;

	(void)lru;
	if (!cache->align)
		return alloc_vma(cache->size);
	if (allocation_fails(gfp))
		return NULL;
	node = alloc_node(cache);
	if (gfp & __GFP_ZERO)
		memset(node, 0, cache->size);
	return node;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	if (cache->align)
		object_free(OBJECT_NODE, object);
	else
		free_vma(object);
}

void kmem_cache_free_bulk(struct kmem_cache *cache, size_t size, void **list)
{
	while (size)
		kmem_cache_free(cache, list[--size]);
}

static void fill_sheaf(struct kmem_cache *cache, struct slab_sheaf *sheaf,
		       unsigned int size)
{
	while (sheaf->size < size)
		sheaf->objects[sheaf->size++] = alloc_node(cache);
}

struct slab_sheaf *kmem_cache_prefill_sheaf(struct kmem_cache *cache, gfp_t gfp,
					    unsigned int size)
{
	unsigned int capacity = size > cache->sheaf_capacity ? size :
							       cache->sheaf_capacity;
	struct slab_sheaf *sheaf;

	if (allocation_fails(gfp))
		return NULL;
	sheaf = calloc(1, sizeof(*sheaf) + capacity * sizeof(void *));
	if (!sheaf)
		abort();
	world->alive[OBJECT_SHEAF]++;
	sheaf->cache = cache;
	sheaf->capacity = capacity;
	fill_sheaf(cache, sheaf, size);
	return sheaf;
}

void kmem_cache_return_sheaf(struct kmem_cache *cache, gfp_t gfp,
			     struct slab_sheaf *sheaf)
{
	(void)gfp;
	kmem_cache_free_bulk(cache, sheaf->size, sheaf->objects);
	object_free(OBJECT_SHEAF, sheaf);
}

int kmem_cache_refill_sheaf(struct kmem_cache *cache, gfp_t gfp,
			    struct slab_sheaf **sheaf, unsigned int size)
{
	struct slab_sheaf *larger;

	if ((*sheaf)->size >= size)
		return 0;
	if (size > (*sheaf)->capacity) {
		larger = kmem_cache_prefill_sheaf(cache, gfp, size);
		if (!larger)
			return -ENOMEM;
		kmem_cache_return_sheaf(cache, gfp, *sheaf);
		*sheaf = larger;
		return 0;
	}
	if (allocation_fails(gfp))
		return -ENOMEM;
	fill_sheaf(cache, *sheaf, size);
	return 0;
}

void *kmem_cache_alloc_from_sheaf(struct kmem_cache *cache, gfp_t gfp,
				  struct slab_sheaf *sheaf)
{
	(void)cache;
	(void)gfp;
	WARN_ON(!sheaf->size);
	return sheaf->objects[--sheaf->size];
}

/* Only the maple tree calls these, and only for its nodes. */
void kfree(void *node)
{
	if (node)
		object_free(OBJECT_NODE, node);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	(void)size;
	(void)gfp;
	shim_failed(__FILE__, __LINE__, "an allocation that is nobody's");
}

static struct {
	struct rcu_head *head;
	void (*function)(struct rcu_head *head);
} waiting[1024];

static unsigned int waiting_count;

void shim_call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head))
{
	WARN_ON(waiting_count == ARRAY_SIZE(waiting));
	waiting[waiting_count].head = head;
	waiting[waiting_count++].function = function;
}

void rcu_flush(void)
{
	unsigned int i;

	for (i = 0; i < waiting_count; i++)
		waiting[i].function(waiting[i].head);
	waiting_count = 0;
}
