// SPDX-License-Identifier: GPL-2.0
/* Steps that put a new range, or a copied one, into a gap. */
#include "engine.h"
#include "steps.h"

static void request_of(struct vma_merge_struct *vmg, const struct kind_of_vma *kind,
		       struct mempolicy *policy, struct anon_vma_name *name)
{
	vmg->file = kind->file;
	vmg->policy = policy;
	vmg->anon_name = name;
	vmg->uffd_ctx.ctx = kind->ctx;
}

/* Maps a new range as mmap() does, or with just_expand as brk() does. */
static bool new_range(struct choice *choice, bool just_expand)
{
	struct anon_vma_name *name = NULL;
	struct vm_area_struct *vma, *prev;
	struct mempolicy *policy = NULL;
	struct kind_of_vma kind;
	unsigned long start, end;
	struct vma_iterator vmi;
	bool done = false;

	if (!choose_gap(choice, &start, &end))
		return false;
	choose_kind(choice, start, end, &kind);
	policy = policy_create(kind.policy);
	if (kind.policy && !policy)
		return false;
	name = name_create(kind.name);
	if (kind.name && !name)
		goto out;

	VMG_STATE(vmg, world->mm, &vmi, start, end, kind.flags, kind.pgoff,
		  start >> PAGE_SHIFT);
	request_of(&vmg, &kind, policy, name);
	vma_iter_init(&vmi, world->mm, start);
	WARN_ON(vma_find(&vmi, end));
	if (just_expand) {
		prev = vma_prev(&vmi);
		if (!prev || prev->vm_end != start)
			goto out;
		vmg.prev = prev;
		vmg.just_expand = true;
		/*
		 * brk() does not name next, but naming it would make no
		 * difference.
		 */
		if (choose(choice, 2))
			vmg.next = vma_after(prev);
	} else {
		vmg.next = vma_iter_next_rewind(&vmi, &vmg.prev);
		vmg.skip_vma_uprobe = !choose(choice, 4);
		vmg.give_up_on_oom = !choose(choice, 4);
	}
	tell_kind(start, end, &kind);
	vma = test_begin(choice) ? rust_vma_merge_new_range(&vmg) :
				   vma_merge_new_range(&vmg);
	test_end();
	outcome_vma(vma);
	outcome_iterator(&vmi);
	outcome_request(&vmg);
	done = true;
	if (!vma) {
		vma = map_vma(start, end, &kind);
		tell(" (VMA %lu)", vma_seen(vma));
	}
out:
	name_put(name);
	mpol_put(policy);
	return done;
}

bool step_merge_new_range(struct choice *choice)
{
	return new_range(choice, false);
}

bool step_just_expand(struct choice *choice)
{
	return new_range(choice, true);
}

/* Extends a VMA as mremap() does in place. */
bool step_merge_extend(struct choice *choice)
{
	struct vm_area_struct *vma = choose_vma(choice), *next;
	unsigned int pages = choose(choice, 227);
	unsigned long room;

	if (!vma)
		return false;
	VMA_ITERATOR(vmi, world->mm, vma->vm_end);
	next = vma_after(vma);
	room = ((next ? next->vm_start : WINDOW_END) - vma->vm_end) >> PAGE_SHIFT;
	if (!room)
		return false;
	/* In half of the cases, only a part of the room is used. */
	if (pages % 2)
		room = 1 + pages / 2 % room;
	tell(" VMA %lu by %lu pages,", vma_number(vma), room);
	if (test_begin(choice))
		vma = rust_vma_merge_extend(&vmi, vma, room << PAGE_SHIFT);
	else
		vma = vma_merge_extend(&vmi, vma, room << PAGE_SHIFT);
	test_end();
	outcome_vma(vma);
	outcome_iterator(&vmi);
	return true;
}

/* Copies a range as copy_vma() does, with the same preparations. */
bool step_merge_copied_range(struct choice *choice)
{
	struct vm_area_struct *source = choose_vma(choice), *vma;
	bool keep_source = choose(choice, 2), self_merge;
	unsigned long from, from_end, start, end;
	struct vma_iterator vmi;

	if (!source)
		return false;
	choose_part(choice, source, &from, &from_end);
	if (!choose_destination(choice, source, from, from_end - from, &start, &end))
		return false;

	VMG_VMA_STATE(vmg, &vmi, NULL, source, start, end);
	vmg.pgoff = linear_page_index(source, from);
	vmg.anon_pgoff = __linear_anon_page_index(source, from);
	self_merge = !source->anon_vma && vma_is_anonymous(source);
	if (!source->anon_vma)
		vmg.anon_pgoff = start >> PAGE_SHIFT;
	if (self_merge)
		vmg.pgoff = vmg.anon_pgoff;
	vmg.skip_vma_uprobe = source->vm_file;
	vma_iter_init(&vmi, world->mm, start);
	/* find_vma_prev() uses another iterator. */
	find_vma_prev(world->mm, start, &vmg.prev);
	vmg.next = vma_iter_next_rewind(&vmi, NULL);
	tell(" VMA %lu from page %lu to pages %lu-%lu%s,", vma_number(source),
	     page(from), page(start), page(end), keep_source ? ", keeping it" : "");

	if (self_merge && keep_source) {
		if (vmg.prev == source)
			vmg.prev = NULL;
		if (vmg.next == source)
			vmg.next = NULL;
	}
	vma = test_begin(choice) ? rust_vma_merge_copied_range(&vmg) :
				   vma_merge_copied_range(&vmg);
	test_end();
	outcome_vma(vma);
	outcome_iterator(&vmi);
	outcome_request(&vmg);
	return true;
}
