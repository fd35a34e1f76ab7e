// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the C functions that the engine is measured against. All that a caller
 * has to find out is found out before, so that a call is a call and nothing else.
 * Where the module would come in through a dispatcher of the hook, which C does
 * not, the body in C is called.
 */
#include <linux/err.h>

#include "bindings_helper.h"

struct rust_vma_kunit_call {
	struct vma_iterator vmi;
	struct vm_area_struct *prev;
	/* What the call is about; then what it has returned, if that is a VMA. */
	struct vm_area_struct *vma;
	unsigned long start;
	unsigned long end;
	vma_flags_t flags;
	struct anon_vma_name *name;
	struct mempolicy *policy;
	void *context;
	bool new_below;
	struct vma_merge_struct request;
	int error;
};

/* Finds what a change of the range is about, as madvise_update_vma() has it. */
int rust_vma_kunit_prepare_site(struct rust_vma_kunit_call *call,
				struct mm_struct *mm)
{
	call->vma = rust_vma_kunit_site(&call->vmi, mm, call->start, call->end,
					&call->prev);
	return call->vma ? 0 : -EINVAL;
}

/* Finds the VMA at this address, for an iterator that stands at that one. */
int rust_vma_kunit_prepare_vma(struct rust_vma_kunit_call *call,
			       struct mm_struct *mm, unsigned long addr,
			       unsigned long at)
{
	vma_iter_init(&call->vmi, mm, at);
	call->vma = vma_lookup(mm, addr);
	return call->vma ? 0 : -EINVAL;
}

void rust_vma_kunit_call_nothing(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->vma = NULL;
}

void rust_vma_kunit_call_modify_flags(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->vma = c_vma_modify_flags(&call->vmi, call->prev, call->vma,
				     call->start, call->end, &call->flags);
}

void rust_vma_kunit_call_modify_name(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->vma = c_vma_modify_name(&call->vmi, call->prev, call->vma,
				    call->start, call->end, call->name);
}

void rust_vma_kunit_call_modify_policy(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->vma = c_vma_modify_policy(&call->vmi, call->prev, call->vma,
				      call->start, call->end, call->policy);
}

void rust_vma_kunit_call_modify_uffd(void *made)
{
	struct rust_vma_kunit_call *call = made;
	struct vm_userfaultfd_ctx context = { call->context };

	call->vma = c_vma_modify_flags_uffd(&call->vmi, call->prev, call->vma,
					  call->start, call->end, &call->flags,
					  context, false);
}

void rust_vma_kunit_call_merge_new_range(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->vma = c_vma_merge_new_range(&call->request);
}

void rust_vma_kunit_call_expand(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->error = c_vma_expand(&call->request);
}

void rust_vma_kunit_call_merge_extend(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->vma = c_vma_merge_extend(&call->vmi, call->vma,
				     call->end - call->start);
}

void rust_vma_kunit_call_split(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->error = c_split_vma(&call->vmi, call->vma, call->start,
				call->new_below);
}

void rust_vma_kunit_call_shrink(void *made)
{
	struct rust_vma_kunit_call *call = made;

	call->error = c_vma_shrink(&call->vmi, call->vma, call->start);
}
