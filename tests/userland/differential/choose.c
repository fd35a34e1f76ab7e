// SPDX-License-Identifier: GPL-2.0
/*
 * The choices of a step. Sets are small, and VMAs often differ from their
 * neighbours in one thing only, so that much merges and much nearly does.
 */
#include "steps.h"

#include <string.h>

unsigned int choose(struct choice *choice, unsigned int limit)
{
	return choice->bytes[choice->at++ % STEP_BYTES] % limit;
}

unsigned long page(unsigned long address)
{
	return (address - WINDOW_START) >> PAGE_SHIFT;
}

/* Returns the first VMA that fits, from a random one on. */
struct vm_area_struct *choose_vma_where(struct choice *choice,
					bool (*fits)(struct vm_area_struct *vma))
{
	unsigned int i, number = choose(choice, 255);
	struct vm_area_struct *vma;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, world->mm, 0);
	if (!world->mm->map_count)
		return NULL;
	number %= world->mm->map_count;
	for (i = 0; i < number; i++)
		vma_next(&vmi);
	for (i = 0; i < (unsigned int)world->mm->map_count; i++) {
		vma = vma_next(&vmi);
		if (!vma) {
			vma_iter_init(&vmi, world->mm, 0);
			vma = vma_next(&vmi);
		}
		if (!fits || fits(vma))
			return vma;
	}
	return NULL;
}

struct vm_area_struct *choose_vma(struct choice *choice)
{
	return choose_vma_where(choice, NULL);
}

struct vm_area_struct *vma_before(struct vm_area_struct *vma)
{
	VMA_ITERATOR(vmi, world->mm, vma->vm_start);

	return vma_prev(&vmi);
}

struct vm_area_struct *vma_after(struct vm_area_struct *vma)
{
	VMA_ITERATOR(vmi, world->mm, vma->vm_end);

	return vma_next(&vmi);
}

void choose_part(struct choice *choice, struct vm_area_struct *vma,
		 unsigned long *start, unsigned long *end)
{
	unsigned int how = choose(choice, 8), pages = vma_pages(vma);
	unsigned int first = choose(choice, 251), last = choose(choice, 241);

	*start = vma->vm_start;
	*end = vma->vm_end;
	if (pages < 2 || how < 3)
		return;
	first = 1 + first % (pages - 1);
	last = 1 + last % (pages - 1);
	if (how >= 5)
		*start += first * PAGE_SIZE;
	if (how < 5 || (how == 7 && last > first))
		*end = vma->vm_start + last * PAGE_SIZE;
}

bool choose_gap(struct choice *choice, unsigned long *start, unsigned long *end)
{
	unsigned int which = choose(choice, 253), how = choose(choice, 4);
	unsigned int pages = 1 + choose(choice, 6), offset = choose(choice, 239);
	unsigned long from[WINDOW_PAGES + 1], to[WINDOW_PAGES + 1];
	unsigned long last_end = WINDOW_START;
	struct vm_area_struct *vma;
	unsigned int gaps = 0;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, world->mm, 0);
	for_each_vma(vmi, vma) {
		if (vma->vm_start > last_end) {
			from[gaps] = last_end;
			to[gaps++] = vma->vm_start;
		}
		last_end = vma->vm_end;
	}
	if (last_end < WINDOW_END) {
		from[gaps] = last_end;
		to[gaps++] = WINDOW_END;
	}
	if (!gaps)
		return false;

	which %= gaps;
	*start = from[which];
	*end = to[which];
	if (*end - *start <= pages * PAGE_SIZE ||
	    (how == 3 && *end - *start <= 8 * PAGE_SIZE))
		return true;
	if (how == 1)
		*start = *end - pages * PAGE_SIZE;
	else if (how == 2)
		*start += PAGE_SIZE * (offset % (((*end - *start) >> PAGE_SHIFT) -
						 pages));
	*end = *start + pages * PAGE_SIZE;
	return true;
}

/*
 * Chooses the destination of a range of pages from @from on: any gap, or the
 * place that matches the offsets of the pages, which moved pages keep if they
 * have been faulted in.
 */
bool choose_destination(struct choice *choice, struct vm_area_struct *source,
			unsigned long from, unsigned long length,
			unsigned long *start, unsigned long *end)
{
	unsigned long home = __linear_anon_page_index(source, from) << PAGE_SHIFT;
	bool go_home = !choose(choice, 3);

	if (go_home && home >= WINDOW_START && home + length <= WINDOW_END &&
	    !find_vma_intersection(world->mm, home, home + length)) {
		*start = home;
		*end = home + length;
		return true;
	}
	if (!choose_gap(choice, start, end))
		return false;
	*end = *start + min(*end - *start, length);
	return true;
}

/*
 * Puts the iterator where a split leaves it that failed late: at a part of the
 * VMA. The maple tree requires that the next store begins in that part.
 */
static void stand_at_part(struct vma_iterator *vmi, struct vm_area_struct *vma,
			  unsigned long at, unsigned long start, unsigned long end)
{
	vma_iter_init(vmi, world->mm, at);
	vma_iter_load(vmi);
	if (start == vma->vm_start && end == vma->vm_end)
		vma_iter_config(vmi, at, end);
	else
		vma_iter_config(vmi, vma->vm_start, PAGE_SIZE +
				max(at, end < vma->vm_end ? end : start));
}

/*
 * Puts the iterator where callers of the helpers have it: anywhere in the VMA.
 */
void choose_iterator(struct choice *choice, struct vma_iterator *vmi,
		     struct vm_area_struct *vma, unsigned long start,
		     unsigned long end)
{
	unsigned int how = choose(choice, 8);
	unsigned long at = vma->vm_start +
			   PAGE_SIZE * (choose(choice, 249) % vma_pages(vma));

	if (how == 7) {
		stand_at_part(vmi, vma, at, start, end);
		return;
	}
	switch (how % 4) {
	case 0:	/* as madvise() */
		vma_iter_init(vmi, world->mm, start);
		break;
	case 1:	/* as mprotect() and mbind() */
		vma_iter_init(vmi, world->mm, start);
		vma_find(vmi, end);
		vma_prev(vmi);
		vma_find(vmi, end);
		break;
	case 2:	/* as mlock() */
		vma_iter_init(vmi, world->mm, at);
		vma_iter_load(vmi);
		break;
	default:
		vma_iter_init(vmi, world->mm, at);
		break;
	}
}

struct vm_area_struct *choose_model(struct choice *choice,
				    struct vm_area_struct *vma)
{
	struct vm_area_struct *model = NULL;

	switch (choose(choice, 5)) {
	case 0:
	case 1:
		model = vma_before(vma);
		break;
	case 2:
	case 3:
		model = vma_after(vma);
		break;
	}
	return model;
}

/* Bits that callers of some helper change. */
static const vma_flag_t changing[] = {
	VMA_WRITE_BIT, VMA_EXEC_BIT, VMA_LOCKED_BIT, VMA_SEQ_READ_BIT,
	VMA_DONTCOPY_BIT, VMA_DONTDUMP_BIT, VMA_WIPEONFORK_BIT, VMA_HUGEPAGE_BIT,
	VMA_MAYBE_GUARD_BIT, VMA_SOFTDIRTY_BIT,
};

/* Bits that a VMA has from the start. */
static const vma_flag_t special[] = {
	VMA_IO_BIT, VMA_PFNMAP_BIT, VMA_DONTEXPAND_BIT, VMA_MIXEDMAP_BIT,
};

static void flip(vma_flags_t *flags, vma_flag_t bit)
{
	if (vma_flags_test(flags, bit))
		vma_flags_clear_mask(flags, mk_vma_flags(bit));
	else
		vma_flags_set(flags, bit);
}

/* Chooses the flags that a part of a VMA is to get. */
vma_flags_t choose_flags(struct choice *choice, struct vm_area_struct *vma)
{
	/* No caller changes the kind of memory, which the first five bits tell. */
	const vma_flags_t keep = mk_vma_flags(VMA_SHARED_BIT, VMA_MAYSHARE_BIT,
					      VMA_HUGETLB_BIT, VMA_PFNMAP_BIT,
					      VMA_MIXEDMAP_BIT, VMA_MAYREAD_BIT,
					      VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT);
	struct vm_area_struct *model = choose_model(choice, vma);
	unsigned int bit = choose(choice, ARRAY_SIZE(changing));
	vma_flags_t flags = vma->flags;

	if (model)
		flags = model->flags;
	else
		flip(&flags, changing[bit]);
	vma_flags_clear_mask(&flags, keep);
	vma_flags_set_mask(&flags, vma_flags_and_mask(&vma->flags, keep));
	/* Special flags mostly stay. */
	if (choose(choice, 8))
		vma_flags_set_mask(&flags, vma_flags_and_mask(&vma->flags,
							      VMA_SPECIAL_FLAGS));
	return flags;
}

unsigned int policy_kind(const struct mempolicy *policy)
{
	return policy ? policy_content(policy) % 100 : 0;
}

unsigned int name_kind(const struct anon_vma_name *name)
{
	if (!name)
		return 0;
	return strcmp(name->name, "heap") ? 2 : 1;
}

void kind_like(struct kind_of_vma *kind, struct vm_area_struct *model,
	       unsigned long model_start, unsigned long start)
{
	memset(kind, 0, sizeof(*kind));
	kind->flags = model->flags;
	kind->file = model->vm_file;
	kind->ops = model->vm_ops == &vma_dummy_vm_ops ? all_ops[1] : model->vm_ops;
	kind->policy = policy_kind(model->vm_policy);
	kind->name = name_kind(model->anon_name);
	kind->ctx = model->vm_userfaultfd_ctx.ctx;
	kind->pgoff = model->vm_pgoff +
		      ((long)(start - model_start) >> PAGE_SHIFT);
	if (!kind->file)
		kind->pgoff = start >> PAGE_SHIFT;
}

static void kind_afresh(struct choice *choice, struct kind_of_vma *kind,
			unsigned long start)
{
	unsigned int which = choose(choice, 8);

	kind->flags = mk_vma_flags(VMA_READ_BIT, VMA_WRITE_BIT, VMA_MAYREAD_BIT,
				   VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT,
				   VMA_SOFTDIRTY_BIT);
	kind->pgoff = 100 + page(start);
	kind->policy = choose(choice, 3) ? 0 : choose(choice, 4);
	kind->name = choose(choice, 3) ? 0 : choose(choice, 3);
	if (!choose(choice, 6))
		kind->ctx = &world->contexts[choose(choice, CONTEXTS)];
	if (which < 3)
		return;
	kind->file = &world->files[choose(choice, FILES)].file;
	kind->ops = shim_file(kind->file)->usual_ops;
	if (!choose(choice, 8))	/* a private mapping of /dev/zero */
		kind->ops = NULL;
	else if (which >= 6)
		vma_flags_set(&kind->flags, VMA_SHARED_BIT, VMA_MAYSHARE_BIT);
	if (choose(choice, 16) == 1)
		kind->pgoff = ULONG_MAX - 300 + page(start);
}

/* Changes the kind of VMA in one respect. */
static void kind_but(struct choice *choice, struct kind_of_vma *kind)
{
	unsigned int which = choose(choice, 14), to = choose(choice, 229);

	switch (which) {
	case 0:
		kind->policy = to % 4;
		break;
	case 1:
		kind->name = to % 3;
		break;
	case 2:
		kind->ctx = to % 2 ? &world->contexts[to % CONTEXTS] : NULL;
		break;
	case 3:
		kind->pgoff += 1 + to % 3;
		break;
	case 4:
		if (kind->file)
			kind->file = &world->files[to % FILES].file;
		break;
	case 5:
	case 6:
	case 7:
		if (kind->ops)
			kind->ops = all_ops[1 + to % 5];
		break;
	case 8:
		if (to % 4 == 0)
			flip(&kind->flags, special[to / 4 % ARRAY_SIZE(special)]);
		else if (to % 4 == 1)
			flip(&kind->flags, VMA_HUGETLB_BIT);
		break;
	default:
		flip(&kind->flags, changing[to % ARRAY_SIZE(changing)]);
		break;
	}
}

/*
 * Chooses the kind of a new VMA. It is not faulted in, so that anonymous memory
 * has the offset of its address.
 */
void choose_kind(struct choice *choice, unsigned long start, unsigned long end,
		 struct kind_of_vma *kind)
{
	unsigned int how = choose(choice, 8);
	struct vm_area_struct *model = NULL;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, world->mm, start);
	memset(kind, 0, sizeof(*kind));
	if (how < 3)
		model = vma_prev(&vmi);
	else if (how < 6)
		model = vma_find(&vmi, end + PAGE_SIZE);
	if (model)
		kind_like(kind, model, model->vm_start, start);
	else
		kind_afresh(choice, kind, start);
	if (!choose(choice, 2))
		kind_but(choice, kind);
	if (!kind->file) {
		kind->ops = NULL;
		vma_flags_clear_mask(&kind->flags, mk_vma_flags(VMA_SHARED_BIT,
								VMA_MAYSHARE_BIT));
		kind->pgoff = start >> PAGE_SHIFT;
	}
	vma_flags_clear_mask(&kind->flags, mk_vma_flags(VMA_UFFD_MISSING_BIT));
	if (kind->ctx)
		vma_flags_set(&kind->flags, VMA_UFFD_MISSING_BIT);
}

void tell_kind(unsigned long start, unsigned long end,
	       const struct kind_of_vma *kind)
{
	tell(" pages %lu-%lu: flags %lx, file %lu, ops %lu,", page(start), page(end),
	     vma_flags_to_legacy(kind->flags), file_number(kind->file),
	     ops_number(kind->ops));
	tell(" pgoff %lx, policy %u, name %u, uffd %lu,", kind->pgoff, kind->policy,
	     kind->name, context_number(kind->ctx));
}

struct vm_area_struct *map_vma(unsigned long start, unsigned long end,
			       const struct kind_of_vma *kind)
{
	struct vm_area_struct *vma = vm_area_alloc(world->mm);

	if (!vma)
		return NULL;
	vma->vm_ops = kind->ops;
	vma->vm_file = kind->file;
	vma->vm_start = start;
	vma->vm_end = end;
	vma_set_pgoff(vma, kind->pgoff);
	vma_set_anon_pgoff(vma, start >> PAGE_SHIFT);
	vma->flags = kind->flags;
	vma->vm_page_prot = vma_get_page_prot(vma);
	vma->vm_userfaultfd_ctx.ctx = kind->ctx;
	vma->vm_policy = policy_create(kind->policy);
	if (kind->policy && !vma->vm_policy)
		goto free_vma;
	vma->anon_name = name_create(kind->name);
	if (kind->name && !vma->anon_name)
		goto put_policy;
	if (vma->vm_file)
		get_file(vma->vm_file);
	if (!kernel_link(world->mm, vma))
		return vma;

	if (vma->vm_file)
		fput(vma->vm_file);
put_policy:
	mpol_put(vma->vm_policy);
free_vma:
	vm_area_free(vma);
	return NULL;
}
