// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit suites look at in a VMA beyond what the engine asks.
 */
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/rmap.h>

#include "bindings_helper.h"

unsigned int rust_vma_kunit_chain_length(const struct vm_area_struct *vma)
{
	return list_count_nodes((struct list_head *)&vma->anon_vma_chain);
}

static struct anon_vma_chain *
rust_vma_kunit_chain_link(struct vm_area_struct *vma, unsigned int n)
{
	struct anon_vma_chain *link;

	list_for_each_entry(link, &vma->anon_vma_chain, same_vma)
		if (!n--)
			return link;
	return NULL;
}

/* The place of a node in its tree, counted from one; zero if it is not in. */
static unsigned int rust_vma_kunit_place(struct rb_root_cached *root,
					 const struct rb_node *node)
{
	struct rb_node *other = rb_first_cached(root);
	unsigned int place = 1;

	while (other && other != node) {
		other = rb_next(other);
		place++;
	}
	return other ? place : 0;
}

/* The anon_vma that the nth link of a VMA's chain leads to, if there is one. */
struct anon_vma *rust_vma_kunit_linked(struct vm_area_struct *vma,
				       unsigned int n)
{
	struct anon_vma_chain *link = rust_vma_kunit_chain_link(vma, n);

	return link ? link->anon_vma : NULL;
}

/* The place that the VMA has in the tree of that anon_vma. */
unsigned int rust_vma_kunit_place_in_anon_vma(struct vm_area_struct *vma,
					      unsigned int n)
{
	struct anon_vma_chain *link = rust_vma_kunit_chain_link(vma, n);
	unsigned int place;

	if (!link)
		return 0;
	anon_vma_lock_read(link->anon_vma);
	place = rust_vma_kunit_place(&link->anon_vma->rb_root, &link->rb);
	anon_vma_unlock_read(link->anon_vma);
	return place;
}

/* The place that the VMA has in the tree of its file's mapping. */
unsigned int rust_vma_kunit_place_in_file(struct vm_area_struct *vma)
{
	struct address_space *mapping;
	unsigned int place;

	if (!vma->vm_file)
		return 0;
	mapping = vma->vm_file->f_mapping;
	i_mmap_lock_read(mapping);
	place = rust_vma_kunit_place(&mapping->i_mmap, &vma->shared.rb);
	i_mmap_unlock_read(mapping);
	return place;
}

unsigned long rust_vma_kunit_anon_vma_users(const struct anon_vma *anon_vma)
{
	return anon_vma->num_active_vmas;
}

unsigned long rust_vma_kunit_anon_vma_children(const struct anon_vma *anon_vma)
{
	return anon_vma->num_children;
}

int rust_vma_kunit_anon_vma_count(const struct anon_vma *anon_vma)
{
	return atomic_read(&anon_vma->refcount);
}

bool rust_vma_kunit_is_write_locked(struct vm_area_struct *vma)
{
#ifdef CONFIG_PER_VMA_LOCK
	return __is_vma_write_locked(vma);
#else
	return false;
#endif
}

/* Whether an iterator holds memory for a store. */
bool rust_vma_kunit_holds_memory(const struct vma_iterator *vmi)
{
	return vmi->mas.sheaf || vmi->mas.alloc;
}
