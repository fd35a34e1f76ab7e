// SPDX-License-Identifier: GPL-2.0
/*
 * Policies, names and userfaultfd contexts, which have to be equal for a merge.
 */
#include "world.h"

#include <string.h>

static struct shim_policy *shim_policy(const struct mempolicy *policy)
{
	return policy ? container_of(policy, struct shim_policy, policy) : NULL;
}

static struct mempolicy *policy_alloc(unsigned int mode, unsigned int nodes)
{
	struct shim_policy *new = object_alloc(OBJECT_POLICY, sizeof(*new));

	if (!new)
		return NULL;
	new->number = ++world->numbers[OBJECT_POLICY];
	new->references = 1;
	new->mode = mode;
	new->nodes = nodes;
	return &new->policy;
}

/*
 * Returns a policy with this content; 0 is the default policy, which is NULL.
 */
struct mempolicy *policy_create(unsigned int content)
{
	return content ? policy_alloc(1 + content / 2, content) : NULL;
}

struct mempolicy *policy_dup(struct mempolicy *policy)
{
	struct shim_policy *old = shim_policy(policy);

	return old ? policy_alloc(old->mode, old->nodes) : NULL;
}

unsigned long policy_number(const struct mempolicy *policy)
{
	return policy ? shim_policy(policy)->number : 0;
}

unsigned long policy_content(const struct mempolicy *policy)
{
	struct shim_policy *of = shim_policy(policy);

	return of ? of->references * 10000 + of->mode * 100 + of->nodes : 0;
}

bool mpol_equal(struct mempolicy *a, struct mempolicy *b)
{
	struct shim_policy *left = shim_policy(a), *right = shim_policy(b);

	if (left == right)
		return true;
	return left && right && left->mode == right->mode &&
	       left->nodes == right->nodes;
}

void mpol_put(struct mempolicy *policy)
{
	struct shim_policy *old = shim_policy(policy);

	if (!old)
		return;
	record_event(EVENT_POLICY_PUT, old->number, 0, 0, 0, 0);
	WARN_ON(old->references <= 0);
	if (!--old->references)
		object_free(OBJECT_POLICY, old);
}

int vma_dup_policy(struct vm_area_struct *src, struct vm_area_struct *dst)
{
	struct mempolicy *new;

	record_event(EVENT_POLICY_DUP, vma_number(src), vma_number(dst), 0, 0, 0);
	new = policy_dup(src->vm_policy);
	if (src->vm_policy && !new)
		return -ENOMEM;
	dst->vm_policy = new;
	return 0;
}

static struct shim_name *shim_name(const struct anon_vma_name *name)
{
	return container_of(name, struct shim_name, name);
}

static const char *const names[] = { "", "heap", "stack" };

/*
 * Returns a name with this content; 0 stands for no name. A second name with the same
 * content is another object.
 */
struct anon_vma_name *name_create(unsigned int content)
{
	struct shim_name *new;

	if (!content)
		return NULL;
	new = object_alloc(OBJECT_NAME, sizeof(*new) + strlen(names[content]) + 1);
	if (!new)
		return NULL;
	new->number = ++world->numbers[OBJECT_NAME];
	refcount_set(&new->name.kref.refcount, 1);
	memcpy(new->name.name, names[content], strlen(names[content]) + 1);
	return &new->name;
}

void name_get(struct anon_vma_name *name)
{
	record_event(EVENT_NAME_GET, name_number(name), 0, 0, 0, 0);
	WARN_ON(!refcount_read(&name->kref.refcount));
	refcount_inc(&name->kref.refcount);
}

void name_put(struct anon_vma_name *name)
{
	if (!name)
		return;
	record_event(EVENT_NAME_PUT, name_number(name), 0, 0, 0, 0);
	if (refcount_dec_and_test(&name->kref.refcount))
		object_free(OBJECT_NAME, shim_name(name));
}

unsigned long name_number(const struct anon_vma_name *name)
{
	return name ? shim_name(name)->number : 0;
}

struct anon_vma_name *anon_vma_name(struct vm_area_struct *vma)
{
	return vma->anon_name;
}

bool anon_vma_name_eq(struct anon_vma_name *a, struct anon_vma_name *b)
{
	return a == b || (a && b && !strcmp(a->name, b->name));
}

void dup_anon_vma_name(struct vm_area_struct *src, struct vm_area_struct *dst)
{
	if (src->anon_name)
		name_get(src->anon_name);
	dst->anon_name = src->anon_name;
}

void free_anon_vma_name(struct vm_area_struct *vma)
{
	name_put(vma->anon_name);
}

unsigned long context_number(const struct userfaultfd_ctx *ctx)
{
	return ctx ? ctx->number : 0;
}

bool is_mergeable_vm_userfaultfd_ctx(struct vm_area_struct *vma,
				     struct vm_userfaultfd_ctx ctx)
{
	return vma->vm_userfaultfd_ctx.ctx == ctx.ctx;
}

bool vma_has_uffd_without_event_remap(struct vm_area_struct *vma)
{
	struct userfaultfd_ctx *ctx = vma->vm_userfaultfd_ctx.ctx;

	return ctx && !ctx->event_remap;
}
