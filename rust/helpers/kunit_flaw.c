// SPDX-License-Identifier: GPL-2.0
/*
 * What an engine may leave wrong, done on purpose by the KUnit suite of the
 * oracle. Each is undone before anybody relies on it.
 */
#include <linux/fs.h>
#include <linux/mempolicy.h>
#include <linux/rmap.h>

#include "bindings_helper.h"

enum {
	RUST_VMA_FLAW_REQUEST_STATE,
	RUST_VMA_FLAW_REQUEST_TARGET,
	RUST_VMA_FLAW_REQUEST_START,
	RUST_VMA_FLAW_REQUEST_END,
	RUST_VMA_FLAW_REQUEST_PGOFF,
	RUST_VMA_FLAW_REQUEST_ANON_PGOFF,
	RUST_VMA_FLAW_REQUEST_FLAGS,
	RUST_VMA_FLAW_ITERATOR_INDEX,
	RUST_VMA_FLAW_ITERATOR_LAST,
	RUST_VMA_FLAW_ITERATOR_STATUS,
	RUST_VMA_FLAW_ITERATOR_HOLDS_MEMORY,
	RUST_VMA_FLAW_ITERATOR_OFFSET,
	RUST_VMA_FLAW_MAP_COUNT,
	RUST_VMA_FLAW_VMA_START,
	RUST_VMA_FLAW_VMA_END,
	RUST_VMA_FLAW_VMA_PGOFF,
	RUST_VMA_FLAW_VMA_ANON_PGOFF,
	RUST_VMA_FLAW_VMA_FLAGS,
	RUST_VMA_FLAW_VMA_FILE,
	RUST_VMA_FLAW_VMA_PLACE_IN_FILE,
	RUST_VMA_FLAW_VMA_ANON_VMA,
	RUST_VMA_FLAW_VMA_CHAIN_LENGTH,
	RUST_VMA_FLAW_VMA_POLICY,
	RUST_VMA_FLAW_VMA_POLICY_MODE,
	RUST_VMA_FLAW_VMA_POLICY_NODES,
	RUST_VMA_FLAW_VMA_POLICY_REFERENCES,
	RUST_VMA_FLAW_VMA_NAME,
	RUST_VMA_FLAW_VMA_NAME_REFERENCES,
	RUST_VMA_FLAW_VMA_CONTEXT,
	RUST_VMA_FLAW_VMA_WRITE_LOCKED,
	RUST_VMA_FLAW_LINK_ANON_VMA,
	RUST_VMA_FLAW_LINK_PLACE,
	RUST_VMA_FLAW_LINK_USERS,
	RUST_VMA_FLAW_LINK_CHILDREN,
	RUST_VMA_FLAW_LINK_REFERENCES,
	RUST_VMA_FLAW_FILE_REFERENCES,
	RUST_VMA_FLAW_FILE_WRITERS,
	RUST_VMA_FLAW_FILE_OPENED,
	RUST_VMA_FLAW_FILE_CLOSED,
	RUST_VMA_FLAW_POLICY_REFERENCES,
	RUST_VMA_FLAW_NAME_REFERENCES,
};

/* Takes a pointer away, and the next time brings it back. */
#define rust_vma_kunit_miss(pointer) do {				\
	static typeof(pointer) missing;					\
									\
	swap(pointer, missing);						\
} while (0)

static void rust_vma_kunit_falsify_request(unsigned int what,
					   struct vma_merge_struct *vmg, int by)
{
	switch (what) {
	case RUST_VMA_FLAW_REQUEST_STATE:
		vmg->state += by;
		break;
	case RUST_VMA_FLAW_REQUEST_TARGET:
		rust_vma_kunit_miss(vmg->target);
		break;
	case RUST_VMA_FLAW_REQUEST_START:
		vmg->start += by;
		break;
	case RUST_VMA_FLAW_REQUEST_END:
		vmg->end += by;
		break;
	case RUST_VMA_FLAW_REQUEST_PGOFF:
		vmg->pgoff += by;
		break;
	case RUST_VMA_FLAW_REQUEST_ANON_PGOFF:
		vmg->anon_pgoff += by;
		break;
	case RUST_VMA_FLAW_REQUEST_FLAGS:
		vmg->vm_flags ^= VM_SEQ_READ;
		break;
	}
}

static void rust_vma_kunit_falsify_iterator(unsigned int what,
					    struct vma_iterator *vmi, int by)
{
	switch (what) {
	case RUST_VMA_FLAW_ITERATOR_INDEX:
		vmi->mas.index += by;
		break;
	case RUST_VMA_FLAW_ITERATOR_LAST:
		vmi->mas.last -= by;
		break;
	case RUST_VMA_FLAW_ITERATOR_STATUS:
		/* ma_start for ma_active. */
		vmi->mas.status ^= ma_active ^ ma_start;
		break;
	case RUST_VMA_FLAW_ITERATOR_HOLDS_MEMORY:
		vmi->mas.alloc = by > 0 ? (void *)vmi : NULL;
		break;
	case RUST_VMA_FLAW_ITERATOR_OFFSET:
		vmi->mas.offset += by;
		break;
	}
}

static void rust_vma_kunit_falsify_link(unsigned int what,
					struct vm_area_struct *vma, int by)
{
	static struct anon_vma_chain more;
	static struct anon_vma *missing;
	struct anon_vma_chain *link;
	struct anon_vma *anon_vma;

	link = list_first_entry(&vma->anon_vma_chain, typeof(*link), same_vma);
	anon_vma = link->anon_vma;
	switch (what) {
	case RUST_VMA_FLAW_VMA_CHAIN_LENGTH:
		if (by > 0)
			list_add_tail(&more.same_vma, &vma->anon_vma_chain);
		else
			list_del(&more.same_vma);
		break;
	case RUST_VMA_FLAW_LINK_ANON_VMA:
		swap(link->anon_vma, missing);
		break;
	case RUST_VMA_FLAW_LINK_PLACE:
		anon_vma_lock_write(anon_vma);
		if (by > 0)
			anon_rmap_tree_remove(link, anon_vma);
		else
			anon_rmap_tree_insert(link, anon_vma);
		anon_vma_unlock_write(anon_vma);
		break;
	case RUST_VMA_FLAW_LINK_USERS:
		anon_vma->num_active_vmas += by;
		break;
	case RUST_VMA_FLAW_LINK_CHILDREN:
		anon_vma->num_children += by;
		break;
	case RUST_VMA_FLAW_LINK_REFERENCES:
		atomic_add(by, &anon_vma->refcount);
		break;
	}
}

static void rust_vma_kunit_falsify_vma(unsigned int what,
				       struct vm_area_struct *vma, int by)
{
	struct address_space *mapping;

	switch (what) {
	case RUST_VMA_FLAW_VMA_START:
		vma->vm_start += by * (long)PAGE_SIZE;
		break;
	case RUST_VMA_FLAW_VMA_END:
		vma->vm_end += by * (long)PAGE_SIZE;
		break;
	case RUST_VMA_FLAW_VMA_PGOFF:
		vma->vm_pgoff += by;
		break;
	case RUST_VMA_FLAW_VMA_ANON_PGOFF:
		__vma_set_anon_pgoff(vma, vma_start_anon_pgoff(vma) + by);
		break;
	case RUST_VMA_FLAW_VMA_FLAGS:
		vma->flags.__vma_flags[0] ^= VM_RAND_READ;
		break;
	case RUST_VMA_FLAW_VMA_FILE:
		rust_vma_kunit_miss(vma->vm_file);
		break;
	case RUST_VMA_FLAW_VMA_PLACE_IN_FILE:
		mapping = vma->vm_file->f_mapping;
		i_mmap_lock_write(mapping);
		if (by > 0)
			mapping_rmap_tree_remove(vma, mapping);
		else
			mapping_rmap_tree_insert(vma, mapping);
		i_mmap_unlock_write(mapping);
		break;
	case RUST_VMA_FLAW_VMA_ANON_VMA:
		rust_vma_kunit_miss(vma->anon_vma);
		break;
	case RUST_VMA_FLAW_VMA_POLICY:
		rust_vma_kunit_miss(vma->vm_policy);
		break;
	case RUST_VMA_FLAW_VMA_POLICY_MODE:
		vma->vm_policy->mode += by;
		break;
	case RUST_VMA_FLAW_VMA_POLICY_NODES:
		*nodes_addr(vma->vm_policy->nodes) ^= 4;
		break;
	case RUST_VMA_FLAW_VMA_POLICY_REFERENCES:
		atomic_add(by, &vma->vm_policy->refcnt);
		break;
	case RUST_VMA_FLAW_VMA_NAME:
		rust_vma_kunit_miss(vma->anon_name);
		break;
	case RUST_VMA_FLAW_VMA_NAME_REFERENCES:
		rust_vma_kunit_count_name(vma->anon_name, by);
		break;
	case RUST_VMA_FLAW_VMA_CONTEXT:
		rust_vma_kunit_miss(vma->vm_userfaultfd_ctx.ctx);
		break;
	case RUST_VMA_FLAW_VMA_WRITE_LOCKED:
#ifdef CONFIG_PER_VMA_LOCK
		vma->vm_lock_seq += by;
#endif
		break;
	default:
		rust_vma_kunit_falsify_link(what, vma, by);
	}
}

static void rust_vma_kunit_falsify_file(unsigned int what, struct file *file,
					int by)
{
	struct rust_vma_kunit_driver *driver = file->private_data;

	switch (what) {
	case RUST_VMA_FLAW_FILE_REFERENCES:
		if (by > 0)
			get_file(file);
		else
			fput(file);
		break;
	case RUST_VMA_FLAW_FILE_WRITERS:
		atomic_add(by, &file->f_mapping->i_mmap_writable);
		break;
	case RUST_VMA_FLAW_FILE_OPENED:
		atomic_add(by, &driver->opened);
		break;
	case RUST_VMA_FLAW_FILE_CLOSED:
		atomic_add(by, &driver->closed);
		break;
	}
}

/* Makes a fact about @subject wrong (@by is 1), and right again (-1). */
void rust_vma_kunit_falsify(unsigned int what, void *subject, int by)
{
	struct mempolicy *policy = subject;
	struct mm_struct *mm = subject;

	if (what <= RUST_VMA_FLAW_REQUEST_FLAGS)
		rust_vma_kunit_falsify_request(what, subject, by);
	else if (what <= RUST_VMA_FLAW_ITERATOR_OFFSET)
		rust_vma_kunit_falsify_iterator(what, subject, by);
	else if (what == RUST_VMA_FLAW_MAP_COUNT)
		mm->map_count += by;
	else if (what <= RUST_VMA_FLAW_LINK_REFERENCES)
		rust_vma_kunit_falsify_vma(what, subject, by);
	else if (what <= RUST_VMA_FLAW_FILE_CLOSED)
		rust_vma_kunit_falsify_file(what, subject, by);
	else if (what == RUST_VMA_FLAW_POLICY_REFERENCES)
		atomic_add(by, &policy->refcnt);
	else
		rust_vma_kunit_count_name(subject, by);
}
