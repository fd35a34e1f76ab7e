// SPDX-License-Identifier: GPL-2.0
/*
 * anon_vmas and the chains that tie VMAs to them, as in mm/rmap.c. A tree is a
 * count of chains; each chain knows whether it is in the tree.
 */
#include "world.h"

struct shim_anon_vma *shim_anon_vma(const struct anon_vma *anon_vma)
{
	return container_of(anon_vma, struct shim_anon_vma, anon_vma);
}

static struct shim_chain *shim_chain(struct anon_vma_chain *avc)
{
	return container_of(avc, struct shim_chain, chain);
}

unsigned long anon_vma_number(const struct anon_vma *anon_vma)
{
	return anon_vma ? shim_anon_vma(anon_vma)->number : 0;
}

static struct shim_anon_vma *root_of(const struct anon_vma *anon_vma)
{
	return shim_anon_vma(anon_vma->root);
}

static struct shim_anon_vma *anon_vma_alloc(void)
{
	struct shim_anon_vma *new = object_alloc(OBJECT_ANON_VMA, sizeof(*new));

	if (!new)
		return NULL;
	*new = (struct shim_anon_vma){
		.parent = new,
		.anon_vma.root = &new->anon_vma,
		.number = ++world->numbers[OBJECT_ANON_VMA],
		.references = 1,
	};
	list_add_tail(&new->all, &world->anon_vmas);
	return new;
}

/*
 * Every anon_vma but the root keeps a reference to the root, which has the
 * lock.
 */
static void anon_vma_put(struct shim_anon_vma *old)
{
	struct shim_anon_vma *root = root_of(&old->anon_vma);

	WARN_ON(old->references <= 0);
	if (--old->references)
		return;
	if (root != old)
		anon_vma_put(root);
	WARN_ON(old->chains);
	WARN_ON(old->locked);
	list_del(&old->all);
	object_free(OBJECT_ANON_VMA, old);
}

static struct shim_chain *chain_alloc(void)
{
	struct shim_chain *new = object_alloc(OBJECT_CHAIN, sizeof(*new));

	if (new)
		new->in_tree = false;
	return new;
}

static void chain_free(struct shim_chain *chain)
{
	WARN_ON(chain->in_tree);
	object_free(OBJECT_CHAIN, chain);
}

static void chain_tie(struct shim_chain *chain, struct vm_area_struct *vma,
		      struct anon_vma *anon_vma)
{
	chain->chain.anon_vma = anon_vma;
	chain->vma = vma;
	list_add(&chain->chain.same_vma, &vma->anon_vma_chain);
}

bool anon_vma_locks_held(void)
{
	struct shim_anon_vma *each;

	list_for_each_entry(each, &world->anon_vmas, all)
		if (each->locked)
			return true;
	return false;
}

void anon_vma_lock_write(struct anon_vma *anon_vma)
{
	record_event(EVENT_ANON_LOCK, anon_vma_number(anon_vma), 0, 0, 0, 0);
	WARN_ON(anon_vma_locks_held());
	root_of(anon_vma)->locked = true;
}

void anon_vma_unlock_write(struct anon_vma *anon_vma)
{
	record_event(EVENT_ANON_UNLOCK, anon_vma_number(anon_vma), 0, 0, 0, 0);
	WARN_ON(!root_of(anon_vma)->locked);
	root_of(anon_vma)->locked = false;
}

/*
 * A VMA must not change while it is in the tree, which is sorted by its
 * offsets.
 */
void anon_rmap_tree_insert(struct anon_vma_chain *avc, struct anon_vma *anon_vma)
{
	struct shim_chain *chain = shim_chain(avc);

	chain->first = vma_start_anon_pgoff(chain->vma);
	chain->last = vma_last_anon_pgoff(chain->vma);
	record_event(EVENT_ANON_INSERT, vma_number(chain->vma),
		     anon_vma_number(anon_vma), chain->first, chain->last, 0);
	WARN_ON(!root_of(anon_vma)->locked);
	WARN_ON(chain->in_tree);
	WARN_ON(avc->anon_vma != anon_vma);
	chain->in_tree = true;
	shim_anon_vma(anon_vma)->chains++;
}

void anon_rmap_tree_remove(struct anon_vma_chain *avc, struct anon_vma *anon_vma)
{
	struct shim_chain *chain = shim_chain(avc);

	record_event(EVENT_ANON_REMOVE, vma_number(chain->vma),
		     anon_vma_number(anon_vma), 0, 0, 0);
	WARN_ON(!root_of(anon_vma)->locked);
	WARN_ON(!chain->in_tree);
	WARN_ON(avc->anon_vma != anon_vma);
	WARN_ON(chain->first != vma_start_anon_pgoff(chain->vma));
	WARN_ON(chain->last != vma_last_anon_pgoff(chain->vma));
	chain->in_tree = false;
	shim_anon_vma(anon_vma)->chains--;
}

static int prepare(struct vm_area_struct *vma, struct anon_vma *reused)
{
	struct shim_chain *chain;
	struct shim_anon_vma *own;

	if (vma->anon_vma)
		return 0;
	chain = chain_alloc();
	if (!chain)
		return -ENOMEM;
	own = reused ? shim_anon_vma(reused) : anon_vma_alloc();
	if (!own) {
		chain_free(chain);
		return -ENOMEM;
	}
	if (!reused)
		own->children++;

	anon_vma_lock_write(&own->anon_vma);
	vma->anon_vma = &own->anon_vma;
	chain_tie(chain, vma, &own->anon_vma);
	anon_rmap_tree_insert(&chain->chain, &own->anon_vma);
	own->active_vmas++;
	anon_vma_unlock_write(&own->anon_vma);
	return 0;
}

int anon_vma_prepare(struct vm_area_struct *vma)
{
	return prepare(vma, vma->anon_vma ? NULL : find_mergeable_anon_vma(vma));
}

/*
 * Prepares the VMA as if it and its neighbours had faulted at the same time,
 * separately.
 */
int anon_vma_prepare_fresh(struct vm_area_struct *vma)
{
	return prepare(vma, NULL);
}

/*
 * Prepares the VMA as if it and @other had faulted as one VMA, which was split
 * afterwards.
 */
int anon_vma_prepare_like(struct vm_area_struct *vma, struct vm_area_struct *other)
{
	return prepare(vma, other->anon_vma);
}

static void check_clone(struct vm_area_struct *dst, struct vm_area_struct *src,
			enum vma_operation operation)
{
	bool fork = operation == VMA_OP_FORK;

	WARN_ON(!fork && dst->vm_mm != src->vm_mm);
	WARN_ON(!src->anon_vma && !list_empty(&src->anon_vma_chain));
	WARN_ON(!src->anon_vma && dst->anon_vma);
	WARN_ON(!list_empty(&dst->anon_vma_chain));
	WARN_ON(dst->anon_vma && dst->anon_vma != src->anon_vma);
	WARN_ON(!fork && src->anon_vma && !dst->anon_vma);
	if (operation == VMA_OP_MERGE_UNFAULTED)
		WARN_ON(!list_is_singular(&src->anon_vma_chain));
	else
		WARN_ON(vma_is_attached(dst));
}

int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src,
		   enum vma_operation operation)
{
	struct anon_vma *active = src->anon_vma;
	struct anon_vma_chain *each, *next;

	record_event(EVENT_ANON_CLONE, vma_number(dst), vma_number(src), operation,
		     0, 0);
	check_clone(dst, src, operation);
	if (!active)
		return 0;

	list_for_each_entry(each, &src->anon_vma_chain, same_vma) {
		struct shim_chain *chain = chain_alloc();

		if (!chain)
			goto no_memory;
		chain_tie(chain, dst, each->anon_vma);
	}

	anon_vma_lock_write(active);
	list_for_each_entry_reverse(each, &dst->anon_vma_chain, same_vma) {
		struct shim_anon_vma *of = shim_anon_vma(each->anon_vma);

		anon_rmap_tree_insert(each, each->anon_vma);
		/*
		 * A child takes over an anon_vma that has no active VMA any
		 * more.
		 */
		if (operation != VMA_OP_FORK || dst->anon_vma || of->active_vmas ||
		    of->children > 1)
			continue;
		dst->anon_vma = each->anon_vma;
		of->active_vmas++;
	}
	if (operation != VMA_OP_FORK)
		shim_anon_vma(dst->anon_vma)->active_vmas++;
	anon_vma_unlock_write(active);
	return 0;

no_memory:
	list_for_each_entry_safe(each, next, &dst->anon_vma_chain, same_vma) {
		list_del(&each->same_vma);
		chain_free(shim_chain(each));
	}
	dst->anon_vma = NULL;
	return -ENOMEM;
}

int anon_vma_fork(struct vm_area_struct *vma, struct vm_area_struct *parent)
{
	struct shim_anon_vma *own;
	struct shim_chain *chain;
	int err;

	if (!parent->anon_vma)
		return 0;
	vma->anon_vma = NULL;
	own = anon_vma_alloc();
	if (!own)
		return -ENOMEM;
	chain = chain_alloc();
	if (!chain) {
		anon_vma_put(own);
		return -ENOMEM;
	}
	err = anon_vma_clone(vma, parent, VMA_OP_FORK);
	if (err || vma->anon_vma) {
		anon_vma_put(own);
		chain_free(chain);
		return err;
	}

	own->active_vmas = 1;
	own->anon_vma.root = parent->anon_vma->root;
	own->parent = shim_anon_vma(parent->anon_vma);
	root_of(&own->anon_vma)->references++;
	vma->anon_vma = &own->anon_vma;
	chain_tie(chain, vma, &own->anon_vma);
	anon_vma_lock_write(&own->anon_vma);
	anon_rmap_tree_insert(&chain->chain, &own->anon_vma);
	own->parent->children++;
	anon_vma_unlock_write(&own->anon_vma);
	return 0;
}

void unlink_anon_vmas(struct vm_area_struct *vma)
{
	struct anon_vma *active = vma->anon_vma;
	struct anon_vma_chain *each, *next;

	record_event(EVENT_ANON_UNLINK, vma_number(vma), anon_vma_number(active),
		     0, 0, 0);
	if (!active) {
		WARN_ON(!list_empty(&vma->anon_vma_chain));
		return;
	}

	anon_vma_lock_write(active);
	list_for_each_entry_safe(each, next, &vma->anon_vma_chain, same_vma) {
		struct shim_anon_vma *of = shim_anon_vma(each->anon_vma);

		anon_rmap_tree_remove(each, each->anon_vma);
		/*
		 * The lock of this anon_vma may be held, so it is freed later.
		 */
		if (!of->chains) {
			of->parent->children--;
			continue;
		}
		list_del(&each->same_vma);
		chain_free(shim_chain(each));
	}
	shim_anon_vma(active)->active_vmas--;
	vma->anon_vma = NULL;
	anon_vma_unlock_write(active);

	list_for_each_entry_safe(each, next, &vma->anon_vma_chain, same_vma) {
		struct shim_anon_vma *of = shim_anon_vma(each->anon_vma);

		WARN_ON(of->children);
		WARN_ON(of->active_vmas);
		anon_vma_put(of);
		list_del(&each->same_vma);
		chain_free(shim_chain(each));
	}
}
