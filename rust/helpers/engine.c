// SPDX-License-Identifier: GPL-2.0
/*
 * The C functions that the engine needs and bindgen cannot see: static inlines and macros, and
 * functions that some configurations turn into one of these. Each helper only calls the function
 * that it is named after; the engine decides the order of the calls. The last functions check the
 * arguments of the hooked helpers, as the C code does.
 */
#include "bindings_helper.h"

/* The mm. */

int rust_vma_mmap_write_lock_killable(struct mm_struct *mm)
{
	return mmap_write_lock_killable(mm);
}

void rust_vma_mmap_write_unlock(struct mm_struct *mm)
{
	mmap_write_unlock(mm);
}

/* Returns whether other tasks wait for the lock, which the caller holds. */
bool rust_vma_mmap_lock_is_contended(struct mm_struct *mm)
{
	return mmap_lock_is_contended(mm);
}

int rust_vma_mmap_read_lock_killable(struct mm_struct *mm)
{
	return mmap_read_lock_killable(mm);
}

void rust_vma_mmap_read_unlock(struct mm_struct *mm)
{
	mmap_read_unlock(mm);
}

int rust_vma_map_count(const struct mm_struct *mm)
{
	return mm->map_count;
}

void rust_vma_map_count_inc(struct mm_struct *mm)
{
	mm->map_count++;
}

void rust_vma_map_count_dec(struct mm_struct *mm)
{
	mm->map_count--;
}

int rust_vma_get_sysctl_max_map_count(void)
{
	return get_sysctl_max_map_count();
}

unsigned long rust_vma_address_space_end(const struct mm_struct *mm)
{
#ifdef __KERNEL__
	return mm->task_size;
#else
	/* Userland, where the engine is built for tests, does not limit address spaces. */
	return ULONG_MAX;
#endif
}

void rust_vma_validate_mm(struct mm_struct *mm)
{
	validate_mm(mm);
}

/* The iterator. */

void rust_vma_iter_init(struct vma_iterator *vmi, struct mm_struct *mm,
			unsigned long addr)
{
	vma_iter_init(vmi, mm, addr);
}

struct mm_struct *rust_vma_iter_mm(struct vma_iterator *vmi)
{
	return container_of(vmi->mas.tree, struct mm_struct, mm_mt);
}

void rust_vma_iter_set(struct vma_iterator *vmi, unsigned long addr)
{
	vma_iter_set(vmi, addr);
}

struct vm_area_struct *rust_vma_iter_load(struct vma_iterator *vmi)
{
	return vma_iter_load(vmi);
}

struct vm_area_struct *rust_vma_find(struct vma_iterator *vmi, unsigned long max)
{
	return vma_find(vmi, max);
}

struct vm_area_struct *rust_vma_next(struct vma_iterator *vmi)
{
	return vma_next(vmi);
}

struct vm_area_struct *rust_vma_prev(struct vma_iterator *vmi)
{
	return vma_prev(vmi);
}

/*
 * If a store would span several leaf nodes, preallocating for the store leaves the iterator at an
 * internal node. If nothing is stored, the iterator has to be set again.
 */
void rust_vma_iter_settle(struct vma_iterator *vmi)
{
	const unsigned long type = ((unsigned long)vmi->mas.node >> MAPLE_NODE_TYPE_SHIFT) &
				   MAPLE_NODE_TYPE_MASK;

	if (mas_is_active(&vmi->mas) && type >= maple_range_64)
		vma_iter_set(vmi, vmi->mas.index);
}

/* Returns whether the node of this iterator has been replaced through another iterator. */
static bool rust_vma_iter_is_stale(const struct vma_iterator *vmi)
{
	const struct maple_node *node =
		(const void *)((unsigned long)vmi->mas.node & ~MAPLE_NODE_MASK);

	return ((unsigned long)node->parent & ~MAPLE_NODE_MASK) == (unsigned long)node;
}

/*
 * Returns the VMA directly after the VMA at the iterator, or NULL if a gap follows. A copy of the
 * iterator moves to the next range, because moving back would take another step. Afterwards the
 * iterator covers the whole VMA, as if it had moved back: it is loaded again if it does not cover
 * the VMA yet, or if its node has been replaced, which moving would have detected.
 */
struct vm_area_struct *
rust_vma_iter_peek_next_range(struct vma_iterator *vmi,
			      const struct vm_area_struct *vma)
{
	struct vma_iterator there;

	if (mas_is_active(&vmi->mas) && rust_vma_iter_is_stale(vmi))
		vma_iter_set(vmi, vma->vm_start);
	if (!mas_is_active(&vmi->mas) || vmi->mas.index != vma->vm_start ||
	    vmi->mas.last != vma->vm_end - 1)
		vma_iter_load(vmi);
	there = *vmi;
	return vma_iter_next_range(&there);
}

struct vm_area_struct *rust_vma_iter_next_rewind(struct vma_iterator *vmi,
						 struct vm_area_struct **prev)
{
	return vma_iter_next_rewind(vmi, prev);
}

void rust_vma_iter_config(struct vma_iterator *vmi, unsigned long start,
			  unsigned long end)
{
	vma_iter_config(vmi, start, end);
}

int rust_vma_iter_prealloc(struct vma_iterator *vmi, struct vm_area_struct *vma)
{
	return vma_iter_prealloc(vmi, vma);
}

void rust_vma_iter_free(struct vma_iterator *vmi)
{
	vma_iter_free(vmi);
}

void rust_vma_iter_store_overwrite(struct vma_iterator *vmi,
				   struct vm_area_struct *vma)
{
	vma_iter_store_overwrite(vmi, vma);
}

void rust_vma_iter_store_new(struct vma_iterator *vmi,
			     struct vm_area_struct *vma)
{
	vma_iter_store_new(vmi, vma);
}

void rust_vma_iter_clear(struct vma_iterator *vmi)
{
	vma_iter_clear(vmi);
}

struct vm_area_struct *rust_vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	return vma_lookup(mm, addr);
}

/* A userfaultfd context, as an argument or in a request. */

void *rust_vma_ctx_of(const struct vm_userfaultfd_ctx *ctx)
{
#ifdef CONFIG_USERFAULTFD
	return ctx->ctx;
#else
	return NULL;
#endif
}

/* Reading a VMA. */

pgoff_t rust_vma_start_anon_pgoff(const struct vm_area_struct *vma)
{
	return vma_start_anon_pgoff(vma);
}

/*
 * Returns whether the chain of a VMA contains more than one anon_vma. If the mmap lock is held only
 * for read, a page fault may be adding the first anon_vma to the chain.
 */
bool rust_vma_has_several_anon_vmas(const struct vm_area_struct *vma)
{
	const struct list_head *chain = &vma->anon_vma_chain;

	return READ_ONCE(chain->next) != READ_ONCE(chain->prev);
}

struct mempolicy *rust_vma_policy(struct vm_area_struct *vma)
{
	return vma_policy(vma);
}

bool rust_vma_mpol_equal(struct mempolicy *a, struct mempolicy *b)
{
	return mpol_equal(a, b);
}

void *rust_vma_userfaultfd_ctx(const struct vm_area_struct *vma)
{
#ifdef CONFIG_USERFAULTFD
	return vma->vm_userfaultfd_ctx.ctx;
#else
	return NULL;
#endif
}

bool rust_vma_has_uffd_without_event_remap(struct vm_area_struct *vma)
{
	return vma_has_uffd_without_event_remap(vma);
}

struct anon_vma_name *rust_vma_anon_vma_name(struct vm_area_struct *vma)
{
#ifdef CONFIG_ANON_VMA_NAME
	/* anon_vma_name() does the same, but is not inline. */
	return vma->anon_name;
#else
	return NULL;
#endif
}

bool rust_vma_anon_vma_name_eq(struct anon_vma_name *a, struct anon_vma_name *b)
{
	return anon_vma_name_eq(a, b);
}

bool rust_vma_has_close(const struct vm_area_struct *vma)
{
	return vma->vm_ops && vma->vm_ops->close;
}

bool rust_vma_is_hugetlb(struct vm_area_struct *vma)
{
	return is_vm_hugetlb_page(vma);
}

/* Changing a VMA. */

void rust_vma_start_write(struct vm_area_struct *vma)
{
	vma_start_write(vma);
}

void rust_vma_mark_detached(struct vm_area_struct *vma)
{
	vma_mark_detached(vma);
}

void rust_vma_set_start_end(struct vm_area_struct *vma, unsigned long start,
			    unsigned long end)
{
	vma->vm_start = start;
	vma->vm_end = end;
}

void rust_vma_set_pgoff(struct vm_area_struct *vma, pgoff_t pgoff,
			pgoff_t anon_pgoff)
{
	vma_set_pgoff(vma, pgoff);
	vma_set_anon_pgoff(vma, anon_pgoff);
}

void rust_vma_set_flags(struct vm_area_struct *vma, const vma_flags_t *flags)
{
	vma->flags = *flags;
}

int rust_vma_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	if (vma->vm_ops && vma->vm_ops->may_split)
		return vma->vm_ops->may_split(vma, addr);
	return 0;
}

void rust_vma_open(struct vm_area_struct *vma)
{
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
}

int rust_vma_dup_policy(struct vm_area_struct *src, struct vm_area_struct *dst)
{
	return vma_dup_policy(src, dst);
}

void rust_vma_mpol_put(struct mempolicy *policy)
{
	mpol_put(policy);
}

void rust_vma_get_file(struct file *file)
{
	get_file(file);
}

void rust_vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long start,
				unsigned long end, struct vm_area_struct *next)
{
	vma_adjust_trans_huge(vma, start, end, next);
}

void rust_vma_hugetlb_split(struct vm_area_struct *vma, unsigned long addr)
{
	hugetlb_split(vma, addr);
}

void rust_vma_khugepaged_enter(struct vm_area_struct *vma,
			       const vma_flags_t *flags)
{
	khugepaged_enter_vma(vma, vma_flags_to_legacy(*flags));
}

void rust_vma_uprobe_mmap(struct vm_area_struct *vma)
{
	uprobe_mmap(vma);
}

void rust_vma_uprobe_munmap(struct vm_area_struct *vma, unsigned long start,
			    unsigned long end)
{
	uprobe_munmap(vma, start, end);
}

/* The rmap trees that a VMA is in. */

struct address_space *rust_vma_file_mapping(const struct file *file)
{
	return file->f_mapping;
}

void rust_vma_i_mmap_lock_write(struct address_space *mapping)
{
	i_mmap_lock_write(mapping);
}

void rust_vma_i_mmap_unlock_write(struct address_space *mapping)
{
	i_mmap_unlock_write(mapping);
}

void rust_vma_flush_dcache_mmap_lock(struct address_space *mapping)
{
	flush_dcache_mmap_lock(mapping);
}

void rust_vma_flush_dcache_mmap_unlock(struct address_space *mapping)
{
	flush_dcache_mmap_unlock(mapping);
}

/* A shared mapping that may be written keeps its file's mapping writable. */
void rust_vma_mapping_allow_writable(struct vm_area_struct *vma,
				     struct address_space *mapping)
{
	if (vma_is_shared_maywrite(vma))
		mapping_allow_writable(mapping);
}

void rust_vma_mapping_unmap_writable(struct vm_area_struct *vma,
				     struct address_space *mapping)
{
	if (vma_is_shared_maywrite(vma))
		mapping_unmap_writable(mapping);
}

void rust_vma_anon_vma_lock_write(struct anon_vma *anon_vma)
{
	anon_vma_lock_write(anon_vma);
}

void rust_vma_anon_vma_unlock_write(struct anon_vma *anon_vma)
{
	anon_vma_unlock_write(anon_vma);
}

/*
 * The contracts of the hooked helpers. The C code always asserts the mmap lock, and checks the
 * other conditions only with CONFIG_DEBUG_VM. So do these functions. They return false if a caller
 * violates one of the other conditions; the engine leaves the call to the C code, which warns. (The
 * C code does not warn about addresses that are not page-aligned, and warns about a reversed range
 * only if the call modifies a VMA.)
 */

static bool rust_vma_is_range(unsigned long start, unsigned long end)
{
	return start < end && !((start | end) & ~PAGE_MASK);
}

bool rust_vma_modify_is_sound(struct vma_iterator *vmi, const struct vm_area_struct *prev,
			      const struct vm_area_struct *vma, unsigned long start,
			      unsigned long end)
{
	mmap_assert_write_locked(vma->vm_mm);
	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		return true;
	if (!rust_vma_is_range(start, end))
		return false;
	/* The caller passes the previous VMA, or this VMA if the range begins inside it. */
	if (prev && prev->vm_start >= start)
		return false;
	if (prev != vma && vma->vm_start != start)
		return false;
	return vma_iter_addr(vmi) >= vma->vm_start && vma_iter_addr(vmi) < vma->vm_end;
}

/* The middle VMA becomes the source of the copy. The callee finds the target. */
bool rust_vma_copied_range_is_sound(struct vma_merge_struct *vmg)
{
	mmap_assert_write_locked(vmg->mm);
	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		return true;
	return rust_vma_is_range(vmg->start, vmg->end) && !vmg->target &&
	       vma_iter_addr(vmg->vmi) <= vmg->end;
}

bool rust_vma_new_range_is_sound(struct vma_merge_struct *vmg)
{
	return rust_vma_copied_range_is_sound(vmg) &&
	       (!IS_ENABLED(CONFIG_DEBUG_VM) || (!vmg->middle && !vmg->copied_from));
}

bool rust_vma_extend_is_sound(struct vma_iterator *vmi, const struct vm_area_struct *vma,
			      unsigned long delta)
{
	mmap_assert_write_locked(vma->vm_mm);
	return !IS_ENABLED(CONFIG_DEBUG_VM) ||
	       (rust_vma_is_range(vma->vm_end, vma->vm_end + delta) &&
		vma_iter_addr(vmi) <= vma->vm_end + delta);
}

/* vmg->target is not NULL. */
bool rust_vma_expand_is_sound(const struct vma_merge_struct *vmg)
{
	const struct vm_area_struct *target = vmg->target, *next = vmg->next;

	mmap_assert_write_locked(vmg->mm);
	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		return true;
	if (!rust_vma_is_range(vmg->start, vmg->end) || target->vm_start < vmg->start ||
	    target->vm_end > vmg->end)
		return false;
	if (!next || next == target)
		return true;
	/* The next VMA is either removed, which its driver has to allow, or left as it is. */
	if (next->vm_end == vmg->end)
		return !next->vm_ops || !next->vm_ops->close;
	return next->vm_start >= vmg->end;
}

void rust_vma_vm_warn_on(bool condition)
{
	VM_WARN_ON(condition);
}
