// SPDX-License-Identifier: GPL-2.0
/*
 * Steps that change a part of a VMA, and the actions of the callers in the
 * kernel afterwards.
 */
#include "engine.h"
#include "steps.h"

struct site {
	struct vma_iterator vmi;
	struct vm_area_struct *vma, *prev;
	unsigned long start, end;
};

/*
 * Puts the iterator at the VMA, in a node that another iterator has replaced
 * since. A step of the iterator notices that, and a call about a whole VMA
 * begins with a step.
 */
static void stand_in_replaced_node(struct vma_iterator *vmi, struct vm_area_struct *vma)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOFAIL;
	struct vma_iterator other;

	vma_iter_init(&other, world->mm, vma->vm_start);
	vma_iter_init(vmi, world->mm, vma->vm_start);
	vma_iter_load(vmi);
	__mas_set_range(&other.mas, vma->vm_start, vma->vm_end - 1);
	mas_store_gfp(&other.mas, NULL, gfp);
	__mas_set_range(&other.mas, vma->vm_start, vma->vm_end - 1);
	mas_store_gfp(&other.mas, vma, gfp);
}

static bool is_whole(const struct site *site)
{
	return site->start == site->vma->vm_start && site->end == site->vma->vm_end;
}

static bool choose_site(struct choice *choice, struct site *site)
{
	site->vma = choose_vma(choice);
	if (!site->vma)
		return false;
	choose_part(choice, site->vma, &site->start, &site->end);
	/* All callers name prev in this way. */
	site->prev = site->start > site->vma->vm_start ? site->vma :
							 vma_before(site->vma);
	choose_iterator(choice, &site->vmi, site->vma, site->start, site->end);
	if (!choose(choice, 8) && is_whole(site))
		stand_in_replaced_node(&site->vmi, site->vma);
	tell(" pages %lu-%lu of VMA %lu,", page(site->start), page(site->end),
	     vma_number(site->vma));
	return true;
}

static void outcome(const struct site *site, const struct vm_area_struct *vma)
{
	test_end();
	outcome_vma(vma);
	outcome_iterator(&site->vmi);
}

static void apply_flags(struct vm_area_struct *vma, vma_flags_t flags)
{
	vma_start_write(vma);
	vma->flags = flags;
	vma_set_page_prot(vma);
}

static void apply_name(struct vm_area_struct *vma, struct anon_vma_name *name)
{
	struct anon_vma_name *old = vma->anon_name;

	vma_start_write(vma);
	if (name && anon_vma_name_eq(old, name))
		return;
	if (name)
		name_get(name);
	vma->anon_name = name;
	name_put(old);
}

static void apply_policy(struct vm_area_struct *vma, struct mempolicy *policy)
{
	struct mempolicy *new = policy_dup(policy);

	vma_assert_write_locked(vma);
	if (policy && !new)
		return;
	mpol_put(vma->vm_policy);
	vma->vm_policy = new;
}

bool step_modify_flags(struct choice *choice)
{
	struct vm_area_struct *vma;
	vma_flags_t flags;
	struct site site;

	if (!choose_site(choice, &site))
		return false;
	flags = choose_flags(choice, site.vma);
	tell(" flags %lx -> %lx,", site.vma->vm_flags, vma_flags_to_legacy(flags));
	if (test_begin(choice))
		vma = rust_vma_modify_flags(&site.vmi, site.prev, site.vma, site.start,
					    site.end, &flags);
	else
		vma = vma_modify_flags(&site.vmi, site.prev, site.vma, site.start,
				       site.end, &flags);
	outcome(&site, vma);
	record_number("flags that the caller has then", vma_flags_to_legacy(flags));
	if (!IS_ERR(vma))
		apply_flags(vma, flags);
	return true;
}

static unsigned int choose_name(struct choice *choice, struct vm_area_struct *vma)
{
	struct vm_area_struct *model = choose_model(choice, vma);
	unsigned int other = choose(choice, 3);

	return model ? name_kind(model->anon_name) : other;
}

/*
 * Creates a name. A caller that lacks memory for its own arguments does not
 * reach the helpers.
 */
static bool create_name(struct choice *choice, const struct site *site,
			struct anon_vma_name **name)
{
	unsigned int kind = choose_name(choice, site->vma);

	*name = name_create(kind);
	tell(" name %u -> %u,", name_kind(site->vma->anon_name), kind);
	return *name || !kind;
}

bool step_modify_name(struct choice *choice)
{
	struct anon_vma_name *name;
	struct vm_area_struct *vma;
	struct site site;

	if (!choose_site(choice, &site) || !create_name(choice, &site, &name))
		return false;
	if (test_begin(choice))
		vma = rust_vma_modify_name(&site.vmi, site.prev, site.vma, site.start,
					   site.end, name);
	else
		vma = vma_modify_name(&site.vmi, site.prev, site.vma, site.start,
				      site.end, name);
	outcome(&site, vma);
	if (!IS_ERR(vma))
		apply_name(vma, name);
	name_put(name);
	return true;
}

/* This is a separate function for callgrind. */
static noinline struct vm_area_struct *
modify_flags_name(struct site *site, vma_flags_t *flags, struct anon_vma_name *name)
{
	VMG_VMA_STATE(vmg, &site->vmi, site->prev, site->vma, site->start, site->end);
	struct vm_area_struct *vma;

	vmg.vma_flags = *flags;
	vmg.anon_name = name;
	vma = kernel_modify(&vmg);
	if (!IS_ERR(vma) && vmg.state == VMA_MERGE_SUCCESS)
		*flags = vma->flags;
	return vma;
}

bool step_modify_flags_name(struct choice *choice)
{
	struct anon_vma_name *name;
	struct vm_area_struct *vma;
	vma_flags_t flags;
	struct site site;

	if (!choose_site(choice, &site) || !create_name(choice, &site, &name))
		return false;
	flags = choose_flags(choice, site.vma);
	tell(" flags %lx -> %lx,", site.vma->vm_flags, vma_flags_to_legacy(flags));
	if (test_begin_unhooked())
		vma = rust_vma_modify_flags_name(&site.vmi, site.prev, site.vma,
						 site.start, site.end, &flags, name);
	else
		vma = modify_flags_name(&site, &flags, name);
	outcome(&site, vma);
	record_number("flags that the caller has then", vma_flags_to_legacy(flags));
	if (!IS_ERR(vma)) {
		apply_flags(vma, flags);
		apply_name(vma, name);
	}
	name_put(name);
	return true;
}

static struct mempolicy *choose_policy(struct choice *choice, struct vm_area_struct *vma,
				       unsigned int *kind)
{
	struct vm_area_struct *model = choose_model(choice, vma);
	unsigned int other = choose(choice, 4);

	*kind = model ? policy_kind(model->vm_policy) : other;
	return policy_create(*kind);
}

bool step_modify_policy(struct choice *choice)
{
	struct mempolicy *policy;
	struct vm_area_struct *vma;
	unsigned int kind;
	struct site site;

	if (!choose_site(choice, &site))
		return false;
	policy = choose_policy(choice, site.vma, &kind);
	if (kind && !policy)
		return false;
	tell(" policy %u -> %u,", policy_kind(site.vma->vm_policy), kind);
	/* mbind() has write-locked all VMAs before. */
	vma_start_write(site.vma);
	if (test_begin(choice))
		vma = rust_vma_modify_policy(&site.vmi, site.prev, site.vma, site.start,
					     site.end, policy);
	else
		vma = vma_modify_policy(&site.vmi, site.prev, site.vma, site.start,
					site.end, policy);
	outcome(&site, vma);
	if (!IS_ERR(vma)) {
		vma_start_write(vma);
		apply_policy(vma, policy);
	}
	mpol_put(policy);
	return true;
}

static struct userfaultfd_ctx *choose_context(struct choice *choice,
					      struct vm_area_struct *vma)
{
	struct vm_area_struct *model = choose_model(choice, vma);
	unsigned int other = choose(choice, 1 + CONTEXTS);

	if (model)
		return model->vm_userfaultfd_ctx.ctx;
	return other ? &world->contexts[other - 1] : NULL;
}

bool step_modify_uffd(struct choice *choice)
{
	struct vm_userfaultfd_ctx ctx;
	struct vm_area_struct *vma;
	bool give_up_on_oom;
	vma_flags_t flags;
	struct site site;

	if (!choose_site(choice, &site))
		return false;
	ctx.ctx = choose_context(choice, site.vma);
	flags = choose(choice, 4) ? site.vma->flags : choose_flags(choice, site.vma);
	vma_flags_clear_mask(&flags, mk_vma_flags(VMA_UFFD_MISSING_BIT));
	if (ctx.ctx)
		vma_flags_set(&flags, VMA_UFFD_MISSING_BIT);
	/* Only changes of whole VMAs may give up, because splits may not. */
	give_up_on_oom = choose(choice, 2) && is_whole(&site);
	tell(" flags %lx -> %lx, uffd %lu -> %lu,%s", site.vma->vm_flags,
	     vma_flags_to_legacy(flags), context_number(site.vma->vm_userfaultfd_ctx.ctx),
	     context_number(ctx.ctx), give_up_on_oom ? " giving up if no memory," : "");
	if (test_begin(choice))
		vma = rust_vma_modify_flags_uffd(&site.vmi, site.prev, site.vma,
						 site.start, site.end, &flags, ctx,
						 give_up_on_oom);
	else
		vma = vma_modify_flags_uffd(&site.vmi, site.prev, site.vma, site.start,
					    site.end, &flags, ctx, give_up_on_oom);
	outcome(&site, vma);
	if (!IS_ERR(vma)) {
		apply_flags(vma, flags);
		vma->vm_userfaultfd_ctx = ctx;
	}
	return true;
}

/* Chooses a request that changes some attributes at once. */
static bool choose_request(struct choice *choice, struct site *site,
			   struct vma_merge_struct *request)
{
	struct vm_area_struct *model;

	if (!choose_site(choice, site))
		return false;
	VMG_VMA_STATE(vmg, &site->vmi, site->prev, site->vma, site->start, site->end);
	vmg.vma_flags = choose_flags(choice, site->vma);
	model = choose_model(choice, site->vma);
	if (model) {
		vmg.policy = model->vm_policy;
		vmg.anon_name = model->anon_name;
		vmg.uffd_ctx = model->vm_userfaultfd_ctx;
	}
	tell(" flags %lx -> %lx,", site->vma->vm_flags, vmg.vm_flags);
	if (model)
		tell(" the rest as in VMA %lu,", vma_number(model));
	*request = vmg;
	return true;
}

bool step_modify(struct choice *choice)
{
	struct vma_merge_struct vmg;
	struct vm_area_struct *vma;
	struct site site;

	if (!choose_request(choice, &site, &vmg))
		return false;
	vmg.give_up_on_oom = choose(choice, 2) && is_whole(&site);
	vma = test_begin_unhooked() ? rust_vma_modify(&vmg) : kernel_modify(&vmg);
	outcome(&site, vma);
	/*
	 * The state is all that callers look at, because they do not pass the
	 * request on.
	 */
	record_number("state of a request", vmg.state);
	return true;
}

bool step_merge_existing_range(struct choice *choice)
{
	struct vma_merge_struct vmg;
	struct vm_area_struct *vma;
	struct site site;

	if (!choose_request(choice, &site, &vmg))
		return false;
	vmg.give_up_on_oom = choose(choice, 2);
	vma = test_begin_unhooked() ? rust_vma_merge_existing_range(&vmg) :
				      kernel_merge_existing_range(&vmg);
	outcome(&site, vma);
	outcome_request(&vmg);
	return true;
}
