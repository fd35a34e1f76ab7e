// SPDX-License-Identifier: GPL-2.0
/* Steps that split a VMA, expand it or shrink it. */
#include "engine.h"
#include "steps.h"

static bool choose_cut(struct choice *choice, struct vma_iterator *vmi,
		       struct vm_area_struct **vma, unsigned long *addr)
{
	unsigned int pages = choose(choice, 223);

	*vma = choose_vma(choice);
	if (!*vma || vma_pages(*vma) < 2)
		return false;
	*addr = (*vma)->vm_start + PAGE_SIZE * (1 + pages % (vma_pages(*vma) - 1));
	choose_iterator(choice, vmi, *vma, *addr, (*vma)->vm_end);
	tell(" VMA %lu at page %lu,", vma_number(*vma), page(*addr));
	return true;
}

bool step_split_vma(struct choice *choice)
{
	bool new_below = choose(choice, 2);
	struct vm_area_struct *vma;
	struct vma_iterator vmi;
	unsigned long addr;
	int err;

	if (!choose_cut(choice, &vmi, &vma, &addr))
		return false;
	tell(new_below ? " new below," : " new above,");
	if (test_begin(choice))
		err = rust_vma_split_vma(&vmi, vma, addr, new_below);
	else
		err = split_vma(&vmi, vma, addr, new_below);
	test_end();
	outcome_error(err);
	outcome_iterator(&vmi);
	return true;
}

bool step_split(struct choice *choice)
{
	bool new_below = choose(choice, 2);
	struct vm_area_struct *vma;
	struct vma_iterator vmi;
	unsigned long addr;
	int err;

	if (!choose_cut(choice, &vmi, &vma, &addr))
		return false;
	tell(new_below ? " new below," : " new above,");
	if (test_begin(choice))
		err = rust_vma_split_vma_past_limit(&vmi, vma, addr, new_below);
	else
		err = __split_vma(&vmi, vma, addr, new_below);
	test_end();
	outcome_error(err);
	outcome_iterator(&vmi);
	return true;
}

/*
 * Returns whether the two VMAs and the gap between could be one VMA, which
 * callers of vma_expand() ensure.
 */
static bool may_cover_next(struct vm_area_struct *vma)
{
	struct vm_area_struct *next = vma_after(vma);
	vma_flags_t diff;
	pgoff_t between;

	if (!next)
		return false;
	between = (next->vm_start - vma->vm_end) >> PAGE_SHIFT;
	diff = vma_flags_diff_pair(&vma->flags, &next->flags);
	vma_flags_clear_mask(&diff, VMA_IGNORE_MERGE_FLAGS);
	if (!vma_flags_empty(&diff) || vma_test_any_mask(vma, VMA_SPECIAL_FLAGS))
		return false;
	if (next->vm_ops && next->vm_ops->close)
		return false;
	if (vma->vm_file != next->vm_file || !mpol_equal(vma->vm_policy, next->vm_policy))
		return false;
	if (vma->vm_userfaultfd_ctx.ctx != next->vm_userfaultfd_ctx.ctx ||
	    !anon_vma_name_eq(vma->anon_name, next->anon_name))
		return false;
	if (vma_end_pgoff(vma) + between != next->vm_pgoff ||
	    vma_end_anon_pgoff(vma) + between != vma_start_anon_pgoff(next))
		return false;
	if (!vma->anon_vma)
		return !next->anon_vma || list_is_singular(&next->anon_vma_chain);
	return !next->anon_vma || vma->anon_vma == next->anon_vma;
}

/* Returns whether the anon_vma has to be duplicated for that. */
static bool may_take_over_next(struct vm_area_struct *vma)
{
	return !vma->anon_vma && may_cover_next(vma) && vma_after(vma)->anon_vma;
}

bool step_expand(struct choice *choice)
{
	unsigned int how = choose(choice, 4), pages = choose(choice, 211);
	struct vm_area_struct *vma, *prev, *next;
	unsigned long start, end, from, to;
	int err;

	vma = how == 3 ? choose_vma_where(choice, may_take_over_next) : NULL;
	if (!vma)
		vma = choose_vma_where(choice, how < 2 ? NULL : may_cover_next);
	if (!vma)
		return false;
	prev = vma_before(vma);
	next = vma_after(vma);
	from = prev ? prev->vm_end : WINDOW_START;
	to = next ? next->vm_start : WINDOW_END;
	start = vma->vm_start;
	end = vma->vm_end;

	VMG_STATE(vmg, world->mm, NULL, start, end, EMPTY_VMA_FLAGS, vma->vm_pgoff,
		  vma_start_anon_pgoff(vma));
	vmg.target = vma;
	if (how == 0 && start > from) {
		start -= PAGE_SIZE * (1 + pages % ((start - from) >> PAGE_SHIFT));
		/*
		 * For a stack, the kernel keeps the offset, and shrinks the VMA
		 * back later.
		 */
		vmg.pgoff -= (vma->vm_start - start) >> PAGE_SHIFT;
		vmg.anon_pgoff -= (vma->vm_start - start) >> PAGE_SHIFT;
	} else if (how == 1 && to > end) {
		end += PAGE_SIZE * (1 + pages % ((to - end) >> PAGE_SHIFT));
	} else if (how >= 2) {
		vmg.next = next;
		end = next->vm_end;
	} else {
		return false;
	}
	vmg.start = start;
	vmg.end = end;
	if (pages % 3 == 0)
		vmg.vma_flags = vma->flags;
	else if (pages % 3 == 1)
		/* Only the sticky ones of these flags may appear afterwards. */
		vma_flags_set(&vmg.vma_flags, VMA_DONTCOPY_BIT, VMA_MAYBE_GUARD_BIT);
	vmg.give_up_on_oom = pages % 5 == 0;

	VMA_ITERATOR(vmi, world->mm, start);
	vmg.vmi = &vmi;
	if (how == 0) {
		WARN_ON(vma_next(&vmi) != vma);
		vma_iter_prev_range(&vmi);
	}
	tell(" VMA %lu to pages %lu-%lu%s,", vma_number(vma), page(start), page(end),
	     vmg.next ? ", over the next" : "");
	err = test_begin(choice) ? rust_vma_expand(&vmg) : vma_expand(&vmg);
	test_end();
	outcome_error(err);
	outcome_iterator(&vmi);
	outcome_request(&vmg);
	return true;
}

bool step_shrink(struct choice *choice)
{
	struct vm_area_struct *vma;
	struct vma_iterator vmi;
	unsigned long addr;
	int err;

	if (!choose_cut(choice, &vmi, &vma, &addr))
		return false;
	vma_iter_init(&vmi, world->mm, vma->vm_end - PAGE_SIZE);
	vma_iter_load(&vmi);
	if (test_begin(choice))
		err = rust_vma_shrink(&vmi, vma, addr);
	else
		err = vma_shrink(&vmi, vma, addr);
	test_end();
	outcome_error(err);
	outcome_iterator(&vmi);
	return true;
}
