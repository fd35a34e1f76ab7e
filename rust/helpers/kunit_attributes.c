// SPDX-License-Identifier: GPL-2.0
/*
 * What VMAs can be given in the KUnit suites: flags, policies, names, contexts.
 *
 * A VMA gets each as the caller of the helper that made it ready does it, after
 * the helper has returned.
 */
#include <linux/err.h>
#include <linux/mempolicy.h>
#include <linux/mm_inline.h>

#include "bindings_helper.h"

/* Sets what mprotect and others set, and nothing sets without side effects. */
void rust_vma_kunit_set_flags(struct vm_area_struct *vma,
			      const vma_flags_t *flags)
{
	vma_start_write(vma);
	vma_flags_set_mask(&vma->flags, *flags);
}

/*
 * Makes a VMA, nothing of which was faulted in, look as if it had been moved
 * there from @addr after that: what is faulted in from now on has the anonymous
 * page offsets of where it came from.
 */
void rust_vma_kunit_came_from(struct vm_area_struct *vma, unsigned long addr)
{
	vma_start_write(vma);
	if (vma_is_anonymous(vma))
		vma->vm_pgoff = addr >> PAGE_SHIFT;
	vma_set_anon_pgoff(vma, addr >> PAGE_SHIFT);
}

/* As madvise_update_vma() and mlock_fixup() do it. */
void rust_vma_kunit_give_flags(struct vm_area_struct *vma,
			       const vma_flags_t *flags)
{
	vma_start_write(vma);
	vma->flags = *flags;
}

/* A policy as a mount option of tmpfs has it. */
struct mempolicy *rust_vma_kunit_policy_new(int which)
{
	static const char *const policies[] = {
		"bind:0",
		"bind:1",
		"interleave:0-1",
	};
	struct mempolicy *policy;
	char text[16];

	strscpy(text, policies[which]);
	if (mpol_parse_str(text, &policy))
		return ERR_PTR(-EINVAL);
	return policy;
}

void rust_vma_kunit_policy_get(struct mempolicy *policy)
{
	mpol_get(policy);
}

int rust_vma_kunit_policy_count(struct mempolicy *policy)
{
	return atomic_read(&policy->refcnt);
}

unsigned int rust_vma_kunit_policy_mode(const struct mempolicy *policy)
{
	return policy->mode;
}

unsigned long rust_vma_kunit_policy_nodes(const struct mempolicy *policy)
{
	return *nodes_addr(policy->nodes);
}

/*
 * As vma_replace_policy() does it. Duplicating a policy is not for modules, but
 * duplicating that of a VMA is.
 */
int rust_vma_kunit_give_policy(struct vm_area_struct *vma,
			       struct mempolicy *policy)
{
	struct vm_area_struct *like = kzalloc_obj(*like);
	struct mempolicy *old = vma->vm_policy;
	int err = -ENOMEM;

	if (!like)
		return err;
	like->vm_policy = policy;
	err = vma_dup_policy(like, vma);
	kfree(like);
	if (err)
		return err;
	if (vma->vm_ops && vma->vm_ops->set_policy)
		err = vma->vm_ops->set_policy(vma, vma->vm_policy);
	if (err)
		swap(vma->vm_policy, old);
	mpol_put(old);
	return err;
}

struct anon_vma_name *rust_vma_kunit_name_new(const char *text)
{
	return anon_vma_name_alloc(text);
}

unsigned int rust_vma_kunit_name_count(struct anon_vma_name *name)
{
	return kref_read(&name->kref);
}

void rust_vma_kunit_name_put(struct anon_vma_name *name)
{
	anon_vma_name_put(name);
}

/* Takes a reference (@by is 1), or gives one back that is not the last (-1). */
void rust_vma_kunit_count_name(struct anon_vma_name *name, int by)
{
	if (by > 0)
		refcount_inc(&name->kref.refcount);
	else
		refcount_dec(&name->kref.refcount);
}

/* As replace_anon_vma_name() does it. */
void rust_vma_kunit_give_name(struct vm_area_struct *vma,
			      struct anon_vma_name *name)
{
	struct anon_vma_name *old = vma->anon_name;

	vma_start_write(vma);
	if (anon_vma_name_eq(old, name))
		return;
	vma->anon_name = name ? anon_vma_name_reuse(name) : NULL;
	anon_vma_name_put(old);
}

/*
 * Contexts that no process reads from: nothing is ever registered with them, so
 * that no fault comes here. The second follows when a mapping moves.
 */
static struct userfaultfd_ctx rust_vma_kunit_contexts[2] = {
	[1].features = UFFD_FEATURE_EVENT_REMAP,
};

struct userfaultfd_ctx *rust_vma_kunit_context(int which)
{
	return &rust_vma_kunit_contexts[which];
}

/* Which of the contexts a VMA has; or -1. */
int rust_vma_kunit_context_of(const struct vm_area_struct *vma)
{
	struct userfaultfd_ctx *ctx = vma->vm_userfaultfd_ctx.ctx;

	return ctx ? ctx - rust_vma_kunit_contexts : -1;
}

/* As userfaultfd_set_ctx() does it. */
void rust_vma_kunit_give_context(struct vm_area_struct *vma, void *ctx)
{
	vma_start_write(vma);
	vma->vm_userfaultfd_ctx = (struct vm_userfaultfd_ctx){ ctx };
}
