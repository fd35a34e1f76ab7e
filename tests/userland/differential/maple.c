// SPDX-License-Identifier: GPL-2.0
/* The kernel's maple tree. */
#include "../../../lib/maple_tree.c"

void maple_rcu_cb(struct rcu_head *head)
{
	kmem_cache_free(maple_node_cache, container_of(head, struct maple_node, rcu));
}

/*
 * Functions that only the tests of the tree call, which are not part of this
 * program.
 */

static __noreturn void uncalled(void)
{
	shim_failed(__FILE__, __LINE__, "a test of the tree");
}

void kmem_cache_set_non_kernel(struct kmem_cache *cache, unsigned int value)
{
	uncalled();
}

void kmem_cache_set_callback(struct kmem_cache *cache, void (*callback)(void *))
{
	uncalled();
}

void kmem_cache_set_private(struct kmem_cache *cache, void *private)
{
	uncalled();
}

unsigned long kmem_cache_get_alloc(struct kmem_cache *cache)
{
	uncalled();
}

void kmem_cache_zero_nr_tallocated(struct kmem_cache *cache)
{
	uncalled();
}

unsigned int kmem_cache_nr_tallocated(struct kmem_cache *cache)
{
	uncalled();
}

unsigned int kmem_cache_nr_allocated(struct kmem_cache *cache)
{
	uncalled();
}
