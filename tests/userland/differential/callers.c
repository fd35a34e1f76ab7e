// SPDX-License-Identifier: GPL-2.0
/*
 * Steps that are whole kernel functions, which reach the engine through the
 * hook.
 */
#include "steps.h"

bool step_munmap(struct choice *choice)
{
	unsigned int first = choose(choice, WINDOW_PAGES), pages = 1 + choose(choice, 12);
	unsigned long start = WINDOW_START + first * PAGE_SIZE;
	LIST_HEAD(uf);
	int err;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, world->mm, start);
	tell(" pages %u-%u", first, first + pages);
	test_begin_caller();
	err = do_vmi_munmap(&vmi, world->mm, start, pages * PAGE_SIZE, &uf,
			    choose(choice, 2));
	test_end();
	outcome_error(err);
	return true;
}

bool step_brk(struct choice *choice)
{
	vma_flags_t flags = EMPTY_VMA_FLAGS;
	unsigned long start, end;
	struct vm_area_struct *vma;
	struct vma_iterator vmi;
	int err;

	if (!choose_gap(choice, &start, &end))
		return false;
	vma_iter_init(&vmi, world->mm, start);
	WARN_ON(vma_find(&vmi, end));
	vma = vma_prev(&vmi);
	tell(" pages %lu-%lu", page(start), page(end));
	test_begin_caller();
	err = do_brk_flags(&vmi, vma, start, end - start, flags);
	test_end();
	outcome_error(err);
	outcome_iterator(&vmi);
	return true;
}

bool step_copy_vma(struct choice *choice)
{
	struct vm_area_struct *source = choose_vma(choice), *vma, *copy;
	bool keep_source = choose(choice, 2), need_rmap_locks = false;
	unsigned long from, from_end, start, end;
	LIST_HEAD(uf);
	int err;

	if (!source)
		return false;
	choose_part(choice, source, &from, &from_end);
	if (!choose_destination(choice, source, from, from_end - from, &start, &end))
		return false;
	from_end = from + end - start;
	tell(" VMA %lu pages %lu-%lu to page %lu%s", vma_number(source), page(from),
	     page(from_end), page(start), keep_source ? ", keeping it" : "");
	vma = source;
	test_begin_caller();
	copy = copy_vma(&vma, start, end - start, linear_page_index(source, from),
			__linear_anon_page_index(source, from), &need_rmap_locks,
			keep_source);
	test_end();
	outcome_vma(copy);
	record_number("source", vma_seen(vma));
	record_number("whether rmap locks are needed", need_rmap_locks);
	if (!copy || keep_source)
		return true;

	VMA_ITERATOR(vmi, world->mm, from);
	test_begin_caller();
	err = do_vmi_munmap(&vmi, world->mm, from, from_end - from, &uf, false);
	test_end();
	record_number("munmap of the source", (unsigned long)(long)err);
	return true;
}

static unsigned long end_before(struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma_before(vma);

	return prev ? prev->vm_end : WINDOW_START;
}

/*
 * Returns whether the VMA may be the stack of a new program: it has its
 * arguments already, and room below.
 */
static bool may_relocate(struct vm_area_struct *vma)
{
	return !vma->vm_file && vma->anon_vma && vma->vm_start > end_before(vma);
}

bool step_relocate(struct choice *choice)
{
	struct vm_area_struct *vma = choose_vma_where(choice, may_relocate);
	unsigned int pages = choose(choice, 199);
	unsigned long from;
	int err;

	if (!vma)
		return false;
	from = end_before(vma);
	pages = 1 + pages % ((vma->vm_start - from) >> PAGE_SHIFT);
	tell(" VMA %lu by %u pages", vma_number(vma), pages);
	test_begin_caller();
	err = relocate_vma_down(vma, pages * PAGE_SIZE);
	test_end();
	outcome_error(err);
	return true;
}

bool step_mmap_region(struct choice *choice)
{
	unsigned int first = choose(choice, WINDOW_PAGES - 6);
	unsigned int pages = 1 + choose(choice, 6);
	unsigned long start = WINDOW_START + first * PAGE_SIZE, address;
	struct kind_of_vma kind;
	LIST_HEAD(uf);

	choose_kind(choice, start, start + pages * PAGE_SIZE, &kind);
	vma_flags_clear_mask(&kind.flags, mk_vma_flags(VMA_UFFD_MISSING_BIT));
	tell(" pages %u-%u: flags %lx, file %lu, pgoff %lx", first, first + pages,
	     vma_flags_to_legacy(kind.flags), file_number(kind.file), kind.pgoff);
	/*
	 * If the anon_vma cannot be duplicated for a merge, vma_expand() leaves
	 * the iterator in a place from which __mmap_new_vma() must not move it,
	 * and the tree warns. So nothing fails here.
	 */
	world->fails_at = 0;
	test_begin_caller();
	address = mmap_region(kind.file, start, pages * PAGE_SIZE, kind.flags,
			      kind.pgoff, &uf);
	test_end();
	record_number("*result", address);
	return true;
}
