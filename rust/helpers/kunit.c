// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit fixture needs of C to set the scene: address spaces to
 * experiment on, files to map, and memory to touch.
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

/* A child's address space, as fork() makes it. */
struct mm_struct *rust_vma_kunit_fork(struct mm_struct *parent)
{
	struct mm_struct *child = rust_vma_kunit_mm_alloc();
	int err;

	if (!child)
		return ERR_PTR(-ENOMEM);
	err = dup_mmap(child, parent);
	if (err) {
		mmput(child);
		return ERR_PTR(err);
	}
	return child;
}

struct file *rust_vma_kunit_file(loff_t size)
{
	return shmem_file_setup("rust_vma_kunit", size, EMPTY_VMA_FLAGS);
}

/* What a driver has seen of its mappings. */
struct rust_vma_kunit_driver {
	atomic_t opened;
	atomic_t closed;
};

static void rust_vma_kunit_open(struct vm_area_struct *vma)
{
	struct rust_vma_kunit_driver *driver = vma->vm_file->private_data;

	atomic_inc(&driver->opened);
}

static void rust_vma_kunit_close(struct vm_area_struct *vma)
{
	struct rust_vma_kunit_driver *driver = vma->vm_file->private_data;

	atomic_inc(&driver->closed);
}

static const struct vm_operations_struct rust_vma_kunit_plain_ops = {
	.open = rust_vma_kunit_open,
};

static const struct vm_operations_struct rust_vma_kunit_closing_ops = {
	.open = rust_vma_kunit_open,
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

static int rust_vma_kunit_driver_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations rust_vma_kunit_driver = {
	.owner = THIS_MODULE,
	.mmap = rust_vma_kunit_driver_mmap,
	.release = rust_vma_kunit_driver_release,
};

struct file *rust_vma_kunit_driver_file(void)
{
	struct rust_vma_kunit_driver *driver = kzalloc_obj(*driver);
	struct file *file;

	if (!driver)
		return ERR_PTR(-ENOMEM);
	/* With an inode of its own: one rmap tree for each. */
	file = anon_inode_create_getfile("rust_vma_kunit",
					 &rust_vma_kunit_driver, driver, O_RDWR,
					 NULL);
	if (IS_ERR(file))
		kfree(driver);
	return file;
}

/* How many mappings the driver has seen opened (by a split) and closed. */
int rust_vma_kunit_driver_opened(struct file *file)
{
	struct rust_vma_kunit_driver *driver = file->private_data;

	return atomic_read(&driver->opened);
}

int rust_vma_kunit_driver_closed(struct file *file)
{
	struct rust_vma_kunit_driver *driver = file->private_data;

	return atomic_read(&driver->closed);
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

void rust_vma_kunit_get_file(struct file *file)
{
	get_file(file);
}

unsigned long rust_vma_kunit_file_count(struct file *file)
{
	return file_count(file);
}

/* How many mappings keep the file's own mapping writable. */
int rust_vma_kunit_file_writers(struct file *file)
{
	return atomic_read(&file->f_mapping->i_mmap_writable);
}

bool rust_vma_kunit_put_byte(unsigned long addr, u8 byte)
{
	return put_user(byte, (u8 __user *)addr) == 0;
}

bool rust_vma_kunit_get_byte(unsigned long addr, u8 *byte)
{
	return get_user(*byte, (u8 __user *)addr) == 0;
}

void rust_vma_kunit_set_max_map_count(int count)
{
	sysctl_max_map_count = count;
}
