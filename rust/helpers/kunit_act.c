// SPDX-License-Identifier: GPL-2.0
/*
 * The C functions that the engine is compared with, each called as its caller in
 * the kernel calls it. Each leaves the iterator where the function left it. The
 * mmap lock is held for write.
 */
#include <linux/err.h>
#include <linux/mempolicy.h>

#include "bindings_helper.h"

/*
 * The VMA that a range lies in, the one before it as callers of vma_modify()
 * name it, and a fresh iterator, as in madvise_update_vma().
 */
static struct vm_area_struct *
rust_vma_kunit_site(struct vma_iterator *vmi, struct mm_struct *mm,
		    unsigned long start, unsigned long end,
		    struct vm_area_struct **prev)
{
	struct vm_area_struct *vma;

	vma_iter_init(vmi, mm, start);
	vma = vma_iter_load(vmi);
	*prev = vma_prev(vmi);
	if (!vma || vma->vm_end < end)
		return NULL;
	if (start > vma->vm_start)
		*prev = vma;
	vma_iter_init(vmi, mm, start);
	return vma;
}

struct vm_area_struct *
rust_vma_kunit_modify_flags(struct vma_iterator *vmi, struct mm_struct *mm,
			    unsigned long start, unsigned long end,
			    const vma_flags_t *set, const vma_flags_t *clear)
{
	struct vm_area_struct *vma, *prev;
	vma_flags_t flags;

	vma = rust_vma_kunit_site(vmi, mm, start, end, &prev);
	if (!vma)
		return ERR_PTR(-EINVAL);
	flags = vma->flags;
	vma_flags_clear_mask(&flags, *clear);
	vma_flags_set_mask(&flags, *set);

	vma = vma_modify_flags(vmi, prev, vma, start, end, &flags);
	if (!IS_ERR(vma))
		rust_vma_kunit_give_flags(vma, &flags);
	return vma;
}

struct vm_area_struct *
rust_vma_kunit_modify_name(struct vma_iterator *vmi, struct mm_struct *mm,
			   unsigned long start, unsigned long end,
			   struct anon_vma_name *name)
{
	struct vm_area_struct *vma, *prev;

	vma = rust_vma_kunit_site(vmi, mm, start, end, &prev);
	if (!vma)
		return ERR_PTR(-EINVAL);
	vma = vma_modify_name(vmi, prev, vma, start, end, name);
	if (!IS_ERR(vma))
		rust_vma_kunit_give_name(vma, name);
	return vma;
}

struct vm_area_struct *
rust_vma_kunit_modify_policy(struct vma_iterator *vmi, struct mm_struct *mm,
			     unsigned long start, unsigned long end,
			     struct mempolicy *policy)
{
	struct vm_area_struct *vma, *prev;
	int err;

	vma = rust_vma_kunit_site(vmi, mm, start, end, &prev);
	if (!vma)
		return ERR_PTR(-EINVAL);
	vma = vma_modify_policy(vmi, prev, vma, start, end, policy);
	if (IS_ERR(vma))
		return vma;
	err = rust_vma_kunit_give_policy(vma, policy);
	return err ? ERR_PTR(err) : vma;
}

struct vm_area_struct *
rust_vma_kunit_modify_uffd(struct vma_iterator *vmi, struct mm_struct *mm,
			   unsigned long start, unsigned long end,
			   void *ctx, bool give_up_on_oom)
{
	struct vm_area_struct *vma, *prev;
	vma_flags_t flags;

	vma = rust_vma_kunit_site(vmi, mm, start, end, &prev);
	if (!vma)
		return ERR_PTR(-EINVAL);
	flags = vma->flags;
	vma = vma_modify_flags_uffd(vmi, prev, vma, start, end, &flags,
				    (struct vm_userfaultfd_ctx){ ctx },
				    give_up_on_oom);
	if (!IS_ERR(vma))
		rust_vma_kunit_give_context(vma, ctx);
	return vma;
}

/* As in expand_vma_in_place(), for mremap(). */
struct vm_area_struct *
rust_vma_kunit_merge_extend(struct vma_iterator *vmi, struct mm_struct *mm,
			    unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = vma_lookup(mm, start - 1);

	if (!vma || vma->vm_end != start)
		return ERR_PTR(-EINVAL);
	vma_iter_init(vmi, mm, vma->vm_end);
	return vma_merge_extend(vmi, vma, end - start);
}

/* As in prep_move_vma() for mremap(). Returns the VMA that was split. */
struct vm_area_struct *
rust_vma_kunit_split(struct vma_iterator *vmi, struct mm_struct *mm,
		     unsigned long addr, bool new_below)
{
	struct vm_area_struct *vma;
	int err;

	vma_iter_init(vmi, mm, addr);
	vma = vma_lookup(mm, addr);
	if (!vma)
		return ERR_PTR(-EINVAL);
	err = split_vma(vmi, vma, addr, new_below);
	return err ? ERR_PTR(err) : vma;
}

/* As in relocate_vma_down(), for execve(). Returns the VMA that was shrunk. */
struct vm_area_struct *
rust_vma_kunit_shrink(struct vma_iterator *vmi, struct mm_struct *mm,
		      unsigned long end)
{
	struct vm_area_struct *vma;
	int err;

	vma_iter_init(vmi, mm, end);
	vma = vma_lookup(mm, end);
	if (!vma)
		return ERR_PTR(-EINVAL);
	err = vma_shrink(vmi, vma, end);
	return err ? ERR_PTR(err) : vma;
}

/*
 * Lets a VMA grow over what it has given up, so that the pages that are still
 * there belong to something when the address space is taken down.
 */
int rust_vma_kunit_grow_back(struct mm_struct *mm, unsigned long addr,
			     unsigned long end)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	struct vma_iterator vmi;

	if (!vma)
		return -EINVAL;
	vma_iter_init(&vmi, mm, vma->vm_start);

	VMG_STATE(vmg, mm, &vmi, vma->vm_start, end, vma->flags,
		  vma_start_pgoff(vma), vma_start_anon_pgoff(vma));
	vmg.target = vma;
	return vma_expand(&vmg);
}

/*
 * Requests: each of these makes one as its caller in the kernel does, and puts
 * the iterator where that one has it. False if there is something in the way.
 */

/* As in __mmap_region(). */
bool rust_vma_kunit_request_mmap(struct vma_merge_struct *vmg,
				 struct vma_iterator *vmi, struct mm_struct *mm,
				 unsigned long start, unsigned long end,
				 const vma_flags_t *flags, struct file *file,
				 pgoff_t pgoff)
{
	VMG_STATE(made, mm, vmi, start, end, *flags, pgoff, start >> PAGE_SHIFT);

	vma_iter_init(vmi, mm, start);
	if (vma_find(vmi, end))
		return false;
	made.next = vma_iter_next_rewind(vmi, &made.prev);
	made.file = file;
	*vmg = made;
	return true;
}

/* As in do_brk_flags(), the iterator as in brk(). */
bool rust_vma_kunit_request_brk(struct vma_merge_struct *vmg,
				struct vma_iterator *vmi, struct mm_struct *mm,
				unsigned long start, unsigned long end,
				const vma_flags_t *flags)
{
	VMG_STATE(made, mm, vmi, start, end, *flags, start >> PAGE_SHIFT,
		  start >> PAGE_SHIFT);

	vma_iter_init(vmi, mm, start);
	if (vma_find(vmi, end))
		return false;
	made.prev = vma_prev(vmi);
	if (!made.prev || made.prev->vm_end != start)
		return false;
	made.just_expand = true;
	*vmg = made;
	return true;
}

/*
 * As in copy_vma() and vma_merge_copied_range(), for mremap(). Where that one
 * asks nobody, because of a userfaultfd, there is nothing to ask here.
 */
bool rust_vma_kunit_request_copy(struct vma_merge_struct *vmg,
				 struct vma_iterator *vmi, struct mm_struct *mm,
				 unsigned long start, unsigned long end,
				 unsigned long from, bool keep_source)
{
	struct vm_area_struct *vma = vma_lookup(mm, from);

	if (!vma || vma_has_uffd_without_event_remap(vma))
		return false;
	vma_iter_init(vmi, mm, start);
	if (vma_find(vmi, end))
		return false;
	vma_iter_init(vmi, mm, start);

	VMG_VMA_STATE(made, vmi, NULL, vma, start, end);
	made.pgoff = linear_page_index(vma, from);
	made.anon_pgoff = __linear_anon_page_index(vma, from);
	if (!vma->anon_vma) {
		made.anon_pgoff = start >> PAGE_SHIFT;
		if (vma_is_anonymous(vma))
			made.pgoff = made.anon_pgoff;
	}
	if (vma->vm_file)
		made.skip_vma_uprobe = true;
	made.next = vma_iter_next_rewind(vmi, &made.prev);
	if (!vma->anon_vma && vma_is_anonymous(vma) && keep_source) {
		if (made.prev == vma)
			made.prev = NULL;
		if (made.next == vma)
			made.next = NULL;
	}
	made.copied_from = vma;
	made.middle = NULL;
	*vmg = made;
	return true;
}

/* As in relocate_vma_down(), for execve(): down over what is free. */
bool rust_vma_kunit_request_down(struct vma_merge_struct *vmg,
				 struct vma_iterator *vmi, struct mm_struct *mm,
				 unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = vma_lookup(mm, end);

	if (!vma)
		return false;
	vma_iter_init(vmi, mm, start);
	if (vma_next(vmi) != vma)
		return false;
	vma_iter_prev_range(vmi);

	VMG_STATE(made, mm, vmi, start, vma->vm_end, EMPTY_VMA_FLAGS,
		  vma_start_pgoff(vma), vma_start_anon_pgoff(vma));
	made.target = vma;
	*vmg = made;
	return true;
}

/*
 * As in vma_merge_new_range(): up to the VMA that follows the range, and over it as
 * well, or not.
 */
bool rust_vma_kunit_request_over(struct vma_merge_struct *vmg,
				 struct vma_iterator *vmi, struct mm_struct *mm,
				 unsigned long start, unsigned long end, bool over)
{
	struct vm_area_struct *vma = vma_lookup(mm, start - 1);
	struct vm_area_struct *next = vma_lookup(mm, end);

	if (!vma || !next)
		return false;
	vma_iter_init(vmi, mm, start);
	if (vma_iter_next_rewind(vmi, NULL) != next)
		return false;
	vma_prev(vmi);

	if (over)
		end = next->vm_end;
	VMG_STATE(made, mm, vmi, vma->vm_start, end, vma->flags,
		  vma_start_pgoff(vma), vma_start_anon_pgoff(vma));
	made.target = vma;
	made.next = next;
	*vmg = made;
	return true;
}

struct vm_area_struct *
rust_vma_kunit_merge_new_range(struct vma_merge_struct *vmg)
{
	return vma_merge_new_range(vmg);
}

int rust_vma_kunit_expand(struct vma_merge_struct *vmg)
{
	return vma_expand(vmg);
}

/*
 * As in copy_vma_and_data(), for mremap(): the whole of copy_vma(). Returns the
 * VMA that the copy has become part of; NULL if it is one of its own.
 */
struct vm_area_struct *
rust_vma_kunit_copy_vma(struct mm_struct *mm, unsigned long start,
			unsigned long end, unsigned long from, bool keep_source)
{
	struct vm_area_struct *vma = vma_lookup(mm, from);
	bool need_rmap_locks;

	if (!vma)
		return ERR_PTR(-EINVAL);
	vma = copy_vma(&vma, start, end - start, linear_page_index(vma, from),
		       __linear_anon_page_index(vma, from), &need_rmap_locks,
		       keep_source);
	if (!vma)
		return ERR_PTR(-ENOMEM);
	return vma->vm_start == start && vma->vm_end == end ? NULL : vma;
}
