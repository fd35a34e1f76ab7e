// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit fixture needs of C: address spaces to experiment on, and the
 * C function that the engine is compared with, called as madvise calls it.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>

#include "bindings_helper.h"

struct mm_struct *rust_vma_kunit_mm_alloc(void)
{
	struct mm_struct *mm = mm_alloc();

	if (mm) {
		mm->task_size = TASK_SIZE;
		arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	}
	return mm;
}

struct file *rust_vma_kunit_file(loff_t size)
{
	return shmem_file_setup("rust_vma_kunit", size, EMPTY_VMA_FLAGS);
}

static void rust_vma_kunit_close(struct vm_area_struct *vma)
{
}

static const struct vm_operations_struct rust_vma_kunit_plain_ops = {
};

static const struct vm_operations_struct rust_vma_kunit_closing_ops = {
	.close = rust_vma_kunit_close,
};

/* A driver that wants to see mappings closed, from its eighth page on. */
static int rust_vma_kunit_driver_mmap(struct file *file,
				      struct vm_area_struct *vma)
{
	if (vma_start_pgoff(vma) < 8)
		vma->vm_ops = &rust_vma_kunit_plain_ops;
	else
		vma->vm_ops = &rust_vma_kunit_closing_ops;
	return 0;
}

static const struct file_operations rust_vma_kunit_driver = {
	.owner = THIS_MODULE,
	.mmap = rust_vma_kunit_driver_mmap,
};

struct file *rust_vma_kunit_driver_file(void)
{
	return anon_inode_getfile("rust_vma_kunit", &rust_vma_kunit_driver,
				  NULL, O_RDWR);
}

/*
 * A thread of the kernel's own leaves the last fput() for later. The driver's
 * file holds this module, which has to be free to go when the tests are done.
 */
void rust_vma_kunit_fput(struct file *file)
{
	fput(file);
	flush_delayed_fput();
}

unsigned long rust_vma_kunit_file_count(struct file *file)
{
	return file_count(file);
}

bool rust_vma_kunit_put_byte(unsigned long addr, u8 byte)
{
	return put_user(byte, (u8 __user *)addr) == 0;
}

bool rust_vma_kunit_get_byte(unsigned long addr, u8 *byte)
{
	return get_user(*byte, (u8 __user *)addr) == 0;
}

unsigned int rust_vma_kunit_chain_length(const struct vm_area_struct *vma)
{
	return list_count_nodes((struct list_head *)&vma->anon_vma_chain);
}

bool rust_vma_kunit_is_write_marked(struct vm_area_struct *vma)
{
#ifdef CONFIG_PER_VMA_LOCK
	return __is_vma_write_locked(vma);
#else
	return false;
#endif
}

/* Sets what mprotect and others set, and nothing sets without side effects. */
void rust_vma_kunit_set_flags(struct vm_area_struct *vma,
			      const vma_flags_t *flags)
{
	vma_start_write(vma);
	vma_flags_set_mask(&vma->flags, *flags);
}

void rust_vma_kunit_set_max_map_count(int count)
{
	sysctl_max_map_count = count;
}

/*
 * Sets flags in a range that lies within one VMA, by way of the C function, and
 * leaves @vmi where that left it. The mmap lock is held for write.
 */
struct vm_area_struct *
rust_vma_kunit_modify_flags(struct vma_iterator *vmi, struct mm_struct *mm,
			    unsigned long start, unsigned long end,
			    const vma_flags_t *set, const vma_flags_t *clear)
{
	struct vm_area_struct *vma, *prev;
	vma_flags_t flags;

	vma_iter_init(vmi, mm, start);
	vma = vma_iter_load(vmi);
	prev = vma_prev(vmi);
	if (!vma || vma->vm_end < end)
		return ERR_PTR(-EINVAL);
	if (start > vma->vm_start)
		prev = vma;

	flags = vma->flags;
	vma_flags_clear_mask(&flags, *clear);
	vma_flags_set_mask(&flags, *set);

	vma_iter_init(vmi, mm, start);
	vma = vma_modify_flags(vmi, prev, vma, start, end, &flags);
	if (!IS_ERR(vma)) {
		vma_start_write(vma);
		vma->flags = flags;
	}
	return vma;
}
