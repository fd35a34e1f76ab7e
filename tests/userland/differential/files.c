// SPDX-License-Identifier: GPL-2.0
/*
 * Files, their mappings with locks and rmap trees, and the callbacks of
 * drivers.
 */
#include "world.h"

struct shim_file *shim_file(const struct file *file)
{
	return container_of(file, struct shim_file, file);
}

struct shim_mapping *shim_mapping(const struct address_space *mapping)
{
	return container_of(mapping, struct shim_mapping, mapping);
}

unsigned long file_number(const struct file *file)
{
	return file ? shim_file(file)->number : 0;
}

unsigned long mapping_number(const struct address_space *mapping)
{
	return mapping ? shim_mapping(mapping)->number : 0;
}

static void driver_open(struct vm_area_struct *vma)
{
	record_event(EVENT_OPEN, vma_number(vma), vma->vm_start, vma->vm_end,
		     vma->vm_pgoff, 0);
}

static void driver_close(struct vm_area_struct *vma)
{
	record_event(EVENT_CLOSE, vma_number(vma), vma->vm_start, vma->vm_end,
		     vma->vm_pgoff, 0);
}

/*
 * Refuses some splits, as a device with larger pages does, with an errno that
 * nothing else returns.
 */
static int driver_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	record_event(EVENT_MAY_SPLIT, vma_number(vma), addr, 0, 0, 0);
	return (addr >> PAGE_SHIFT) % 4 == 1 ? -EXDEV : 0;
}

static const struct vm_operations_struct file_ops = { .open = NULL };
static const struct vm_operations_struct open_ops = { .open = driver_open };
static const struct vm_operations_struct close_ops = { .close = driver_close };
static const struct vm_operations_struct split_ops = { .may_split = driver_may_split };
static const struct vm_operations_struct driver_ops = {
	.open = driver_open,
	.close = driver_close,
	.may_split = driver_may_split,
};

const struct vm_operations_struct vma_dummy_vm_ops = { .open = NULL };

/*
 * The first entry is for VMAs without operations: anonymous ones, and private
 * ones of /dev/zero.
 */
const struct vm_operations_struct *const all_ops[] = {
	NULL, &file_ops, &open_ops, &close_ops, &split_ops, &driver_ops,
	&vma_dummy_vm_ops,
};

const unsigned int all_ops_count = ARRAY_SIZE(all_ops);

unsigned long ops_number(const struct vm_operations_struct *ops)
{
	unsigned int i;

	for (i = 0; i < all_ops_count; i++)
		if (all_ops[i] == ops)
			return i;
	return ULONG_MAX;
}

static int driver_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = shim_file(file)->usual_ops;
	return 0;
}

static int driver_mmap_prepare(struct vm_area_desc *desc)
{
	desc->vm_ops = shim_file(desc->vm_file)->usual_ops;
	return 0;
}

static const struct file_operations mmap_fops = { .mmap = driver_mmap };
static const struct file_operations prepare_fops = {
	.mmap_prepare = driver_mmap_prepare,
};

void files_create(void)
{
	/* The first two files are one file that was opened twice. */
	static const unsigned int of[FILES] = { 0, 0, 1, 2, 3, 4, 4 };
	static const unsigned int ops[FILES] = { 1, 1, 2, 3, 4, 5, 1 };
	unsigned int i;

	for (i = 0; i < MAPPINGS; i++) {
		world->mappings[i].number = i + 1;
		world->mappings[i].mapping.i_mmap = RB_ROOT_CACHED;
	}
	for (i = 0; i < FILES; i++) {
		world->files[i].number = i + 1;
		world->files[i].references = 1;
		world->files[i].usual_ops = all_ops[ops[i]];
		world->files[i].file.f_mapping = &world->mappings[of[i]].mapping;
		world->files[i].file.f_op = i % 3 == 2 ? &prepare_fops : &mmap_fops;
	}
}

struct file *get_file(struct file *file)
{
	struct shim_file *of = shim_file(file);

	record_event(EVENT_GET_FILE, of->number, 0, 0, 0, 0);
	WARN_ON(of->references < 1);
	of->references++;
	return file;
}

/*
 * Drops a reference, which is never the last one, because the world holds one.
 */
void fput(struct file *file)
{
	struct shim_file *of = shim_file(file);

	record_event(EVENT_FPUT, of->number, 0, 0, 0, 0);
	of->references--;
	WARN_ON(of->references < 1);
}

int mmap_file(struct file *file, struct vm_area_struct *vma)
{
	if (leaf_fails())
		return -ENODEV;
	return file->f_op->mmap(file, vma);
}

void vma_close(struct vm_area_struct *vma)
{
	if (!vma->vm_ops || !vma->vm_ops->close)
		return;
	vma->vm_ops->close(vma);
	vma->vm_ops = &vma_dummy_vm_ops;
}

void mapping_allow_writable(struct address_space *mapping)
{
	record_event(EVENT_ALLOW_WRITABLE, mapping_number(mapping), 0, 0, 0, 0);
	atomic_inc(&mapping->i_mmap_writable);
}

void mapping_unmap_writable(struct address_space *mapping)
{
	record_event(EVENT_UNMAP_WRITABLE, mapping_number(mapping), 0, 0, 0, 0);
	WARN_ON(atomic_read(&mapping->i_mmap_writable) <= 0);
	atomic_set(&mapping->i_mmap_writable,
		   atomic_read(&mapping->i_mmap_writable) - 1);
}

bool file_locks_held(void)
{
	unsigned int i;

	for (i = 0; i < MAPPINGS; i++)
		if (world->mappings[i].locked || world->mappings[i].flush_locked)
			return true;
	return false;
}

/* The lock order is i_mmap_rwsem, then anon_vma, and at most one of each. */
void i_mmap_lock_write(struct address_space *mapping)
{
	record_event(EVENT_MAPPING_LOCK, mapping_number(mapping), 0, 0, 0, 0);
	WARN_ON(file_locks_held());
	WARN_ON(anon_vma_locks_held());
	shim_mapping(mapping)->locked = true;
}

void i_mmap_unlock_write(struct address_space *mapping)
{
	struct shim_mapping *of = shim_mapping(mapping);

	record_event(EVENT_MAPPING_UNLOCK, of->number, 0, 0, 0, 0);
	WARN_ON(!of->locked);
	WARN_ON(of->flush_locked);
	of->locked = false;
}

void flush_dcache_mmap_lock(struct address_space *mapping)
{
	struct shim_mapping *of = shim_mapping(mapping);

	record_event(EVENT_FLUSH_LOCK, of->number, 0, 0, 0, 0);
	WARN_ON(!of->locked);
	WARN_ON(of->flush_locked);
	of->flush_locked = true;
}

void flush_dcache_mmap_unlock(struct address_space *mapping)
{
	struct shim_mapping *of = shim_mapping(mapping);

	record_event(EVENT_FLUSH_UNLOCK, of->number, 0, 0, 0, 0);
	WARN_ON(!of->flush_locked);
	of->flush_locked = false;
}

/*
 * A VMA must not change while it is in the tree, which is sorted by its
 * offsets.
 */
void mapping_rmap_tree_insert(struct vm_area_struct *vma,
			      struct address_space *mapping)
{
	struct vma_extra *extra = vma_extra(vma);

	extra->first = vma->vm_pgoff;
	extra->last = vma_end_pgoff(vma) - 1;
	record_event(EVENT_MAPPING_INSERT, extra->number, mapping_number(mapping),
		     extra->first, extra->last, 0);
	WARN_ON(extra->mapping);
	WARN_ON(vma->vm_file->f_mapping != mapping);
	WARN_ON(!shim_mapping(mapping)->flush_locked);
	extra->mapping = mapping;
	shim_mapping(mapping)->vmas++;
}

void mapping_rmap_tree_remove(struct vm_area_struct *vma,
			      struct address_space *mapping)
{
	struct vma_extra *extra = vma_extra(vma);

	record_event(EVENT_MAPPING_REMOVE, extra->number, mapping_number(mapping),
		     0, 0, 0);
	WARN_ON(!mapping || extra->mapping != mapping);
	WARN_ON(!shim_mapping(mapping)->flush_locked);
	WARN_ON(extra->first != vma->vm_pgoff);
	WARN_ON(extra->last != vma_end_pgoff(vma) - 1);
	extra->mapping = NULL;
	shim_mapping(mapping)->vmas--;
}
