// SPDX-License-Identifier: GPL-2.0
/* Steps that only prepare, with the same code in both worlds. */
#include "steps.h"

static unsigned long home_of(struct vm_area_struct *vma)
{
	return vma_start_anon_pgoff(vma) << PAGE_SHIFT;
}

/* Returns whether the VMA moved after it was faulted in, and can move back. */
static bool is_away(struct vm_area_struct *vma)
{
	unsigned long home = home_of(vma), size = vma->vm_end - vma->vm_start;

	return vma->anon_vma && home != vma->vm_start && home > WINDOW_START &&
	       home + size < WINDOW_END &&
	       !find_vma_intersection(world->mm, home - PAGE_SIZE,
				      home + size + PAGE_SIZE);
}

/*
 * Chooses a new VMA that would be mergeable with a moved one, beside the
 * original place of that one.
 */
static bool choose_beside_home(struct choice *choice, unsigned long *start,
			       unsigned long *end, struct kind_of_vma *kind)
{
	struct vm_area_struct *vma = choose_vma_where(choice, is_away);

	if (!vma)
		return false;
	*start = choose(choice, 2) ? home_of(vma) - PAGE_SIZE :
				     home_of(vma) + vma->vm_end - vma->vm_start;
	*end = *start + PAGE_SIZE;
	kind_like(kind, vma, home_of(vma), *start);
	return true;
}

bool step_map(struct choice *choice)
{
	struct vm_area_struct *vma;
	struct kind_of_vma kind;
	unsigned long start, end;

	if (choose(choice, 4) || !choose_beside_home(choice, &start, &end, &kind)) {
		if (!choose_gap(choice, &start, &end))
			return false;
		choose_kind(choice, start, end, &kind);
	}
	vma = map_vma(start, end, &kind);
	tell_kind(start, end, &kind);
	tell(" as VMA %lu", vma_seen(vma));
	outcome_vma(vma);
	return true;
}

static bool may_fault(struct vm_area_struct *vma)
{
	return vma_is_cow_mapping(vma) && !vma->anon_vma;
}

bool step_fault(struct choice *choice)
{
	struct vm_area_struct *vma = choose_vma_where(choice, may_fault);
	bool fresh = !choose(choice, 3);
	int err;

	if (!vma)
		return false;
	err = fresh ? anon_vma_prepare_fresh(vma) : anon_vma_prepare(vma);
	tell(" VMA %lu%s: anon_vma %lu", vma_number(vma), fresh ? ", on its own" : "",
	     anon_vma_number(vma->anon_vma));
	outcome_error(err);
	return true;
}

static bool has_driver(struct vm_area_struct *vma)
{
	return vma->vm_file && vma->vm_ops;
}

/*
 * Changes the operations, as a driver does that has different ones for
 * different mappings.
 */
static bool mark_ops(struct choice *choice)
{
	struct vm_area_struct *vma = choose_vma_where(choice, has_driver);

	if (!vma)
		return false;
	vma->vm_ops = all_ops[1 + choose(choice, 5)];
	tell(" VMA %lu: ops %lu", vma_number(vma), ops_number(vma->vm_ops));
	return true;
}

/*
 * Changes VMAs as other code does without the helpers, which do not look at
 * these attributes.
 */
bool step_mark(struct choice *choice)
{
	unsigned int how = choose(choice, 5);
	struct vm_area_struct *vma;

	if (how > 2)
		return mark_ops(choice);
	vma = choose_vma(choice);
	if (!vma)
		return false;
	tell(" VMA %lu: %s", vma_number(vma), how == 0 ? "soft-dirty" :
	     how == 1 ? "not soft-dirty" : "maybe guard pages");
	vma_start_write(vma);
	if (how == 0)
		vma_set_flags(vma, VMA_SOFTDIRTY_BIT);
	else if (how == 1)
		vma_clear_flags(vma, VMA_SOFTDIRTY_BIT);
	else
		vma_set_flags(vma, VMA_MAYBE_GUARD_BIT);
	return true;
}

bool step_fork(struct choice *choice)
{
	struct mm_struct *child = space_create();
	bool follow = choose(choice, 2);
	int err;

	if (!child)
		return false;
	err = space_fork(child, world->mm);
	tell(" space %lu from %lu%s", space_number(child), space_number(world->mm),
	     follow ? ", and go on there" : "");
	outcome_error(err);
	if (err) {
		world->task.mm = child;
		space_destroy(child);
		world->task.mm = world->mm;
	} else if (follow) {
		world->mm = child;
	}
	return true;
}

/* Switches to another address space. The current one may end. */
bool step_leave(struct choice *choice)
{
	unsigned int i, to = choose(choice, SPACES);
	struct mm_struct *old = world->mm;
	bool ends = choose(choice, 2);

	for (i = 0; i < SPACES; i++, to = (to + 1) % SPACES)
		if (world->lives[to] && &world->spaces[to] != old)
			break;
	if (i == SPACES)
		return false;
	tell(" space %lu%s for %u", space_number(old), ends ? ", which ends," : "", to);
	if (ends)
		space_destroy(old);
	world->mm = &world->spaces[to];
	world->task.mm = world->mm;
	return true;
}

bool step_limit(struct choice *choice)
{
	unsigned int how = choose(choice, 4);

	world->map_count_limit = how ? world->mm->map_count + (int)how - 1 :
				       (int)DEFAULT_MAX_MAP_COUNT;
	tell(" of VMAs is %d", world->map_count_limit);
	return true;
}
