// SPDX-License-Identifier: GPL-2.0
/* Worlds and their address spaces: creating, forking, and destroying them. */
#include "kernel.h"

#include <string.h>

struct world *world;

#define MM_TREE_FLAGS	(MT_FLAGS_ALLOC_RANGE | MT_FLAGS_LOCK_EXTERN | MT_FLAGS_USE_RCU)

struct mm_struct *space_create(void)
{
	unsigned int i;

	for (i = 0; i < SPACES; i++) {
		if (world->lives[i])
			continue;
		memset(&world->spaces[i], 0, sizeof(world->spaces[i]));
		mt_init_flags(&world->spaces[i].mm_mt, MM_TREE_FLAGS);
		world->lives[i] = true;
		return &world->spaces[i];
	}
	return NULL;
}

unsigned long space_number(const struct mm_struct *mm)
{
	return mm - world->spaces;
}

void space_destroy(struct mm_struct *mm)
{
	struct unlink_vma_file_batch batch;
	struct vm_area_struct *vma;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, mm, 0);
	for_each_vma(vmi, vma) {
		vma_start_write(vma);
		unlink_anon_vmas(vma);
		unlink_file_vma_batch_init(&batch);
		unlink_file_vma_batch_add(&batch, vma);
		unlink_file_vma_batch_final(&batch);
	}
	vma_iter_init(&vmi, mm, 0);
	for_each_vma(vmi, vma) {
		vma_mark_detached(vma);
		remove_vma(vma);
	}
	__mt_destroy(&mm->mm_mt);
	world->lives[space_number(mm)] = false;
}

static void link_file(struct vm_area_struct *vma)
{
	struct address_space *mapping;

	if (!vma->vm_file)
		return;
	mapping = get_file(vma->vm_file)->f_mapping;
	i_mmap_lock_write(mapping);
	if (vma_is_shared_maywrite(vma))
		mapping_allow_writable(mapping);
	flush_dcache_mmap_lock(mapping);
	mapping_rmap_tree_insert(vma, mapping);
	flush_dcache_mmap_unlock(mapping);
	i_mmap_unlock_write(mapping);
}

/* Forks do not notify any userfaultfd here. */
static void forget_userfaultfd(struct vm_area_struct *vma)
{
	vma->vm_userfaultfd_ctx.ctx = NULL;
	vma_clear_flags(vma, VMA_UFFD_MISSING_BIT, VMA_UFFD_WP_BIT);
}

/*
 * A moved VMA that is wiped has offsets that no unfaulted VMA may have, and
 * DEBUG_VM warns as soon as the child splits it. So a moved VMA is not wiped
 * here.
 */
static bool is_wiped(struct vm_area_struct *vma)
{
	return vma_test(vma, VMA_WIPEONFORK_BIT) &&
	       vma->vm_pgoff == vma->vm_start >> PAGE_SHIFT;
}

static int fork_vma(struct mm_struct *child, struct vm_area_struct *vma)
{
	struct vm_area_struct *new = vm_area_dup(vma);
	struct vma_iterator vmi;

	vma_iter_init(&vmi, child, vma->vm_start);
	if (!new)
		return -ENOMEM;
	if (vma_dup_policy(vma, new))
		goto free_vma;
	new->vm_mm = child;
	if (is_wiped(vma))
		new->anon_vma = NULL;
	else if (anon_vma_fork(new, vma))
		goto put_policy;

	vma_start_write(new);
	vma_clear_flags_mask(new, VMA_LOCKED_MASK);
	if (new->vm_userfaultfd_ctx.ctx)
		forget_userfaultfd(new);
	/*
	 * dup_mmap() copies the whole tree before this point in the kernel, so
	 * that the store cannot fail there.
	 */
	if (vma_iter_store_gfp(&vmi, new, GFP_KERNEL | __GFP_NOFAIL))
		abort();
	child->map_count++;
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);
	link_file(new);
	return 0;

put_policy:
	mpol_put(new->vm_policy);
free_vma:
	vm_area_free(new);
	return -ENOMEM;
}

int space_fork(struct mm_struct *child, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	int err;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, mm, 0);
	for_each_vma(vmi, vma) {
		vma_start_write(vma);
		if (vma_test(vma, VMA_DONTCOPY_BIT))
			continue;
		err = fork_vma(child, vma);
		if (err)
			return err;
	}
	return 0;
}

/*
 * The kernel keeps these counts up to date as flags change. The helpers do not
 * look at them, so that it is enough if they are right when a step begins.
 */
void space_count_pages(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, mm, 0);
	mm->total_vm = 0;
	mm->locked_vm = 0;
	mm->data_vm = 0;
	mm->exec_vm = 0;
	mm->stack_vm = 0;
	for_each_vma(vmi, vma) {
		vm_stat_account(mm, vma->vm_flags, vma_pages(vma));
		if (vma_test(vma, VMA_LOCKED_BIT))
			mm->locked_vm += vma_pages(vma);
	}
}

struct world *world_create(const char *name, bool engine)
{
	static struct world worlds[2];
	size_t used = offsetof(struct world, record);
	unsigned int i;

	world = &worlds[engine];
	memset(world, 0, used);
	world->name = name;
	world->engine = engine;
	world->map_count_limit = DEFAULT_MAX_MAP_COUNT;
	world->sequence = 1;
	INIT_LIST_HEAD(&world->anon_vmas);
	files_create();
	for (i = 0; i < CONTEXTS; i++) {
		world->contexts[i].number = i + 1;
		world->contexts[i].event_remap = i == 1;
	}
	world->mm = space_create();
	return world;
}

void world_step_begin(unsigned int fails_at)
{
	world->sequence++;
	world->fails_at = fails_at;
	world->fallible = 0;
	world->task.mm = world->mm;
	sysctl_max_map_count = world->map_count_limit;
	record_reset();
	space_count_pages(world->mm);
}

void world_step_end(void)
{
	world->fails_at = 0;
	rcu_flush();
	WARN_ON(file_locks_held());
	WARN_ON(anon_vma_locks_held());
}

/*
 * Destroys a world. Every object that is still alive afterwards has been lost.
 */
void world_destroy(struct world *old)
{
	unsigned int i;

	world = old;
	world_step_begin(0);
	for (i = 0; i < SPACES; i++) {
		if (!world->lives[i])
			continue;
		world->task.mm = &world->spaces[i];
		space_destroy(&world->spaces[i]);
	}
	world_step_end();
	for (i = 0; i < OBJECTS; i++)
		WARN_ON(world->alive[i]);
	for (i = 0; i < FILES; i++)
		WARN_ON(world->files[i].references != 1);
	for (i = 0; i < MAPPINGS; i++) {
		WARN_ON(world->mappings[i].vmas);
		WARN_ON(atomic_read(&world->mappings[i].mapping.i_mmap_writable));
	}
	free(world->seen);
	world->seen = NULL;
	world->seen_room = 0;
}
