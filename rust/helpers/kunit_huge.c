// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages for the KUnit suites: those of hugetlbfs, and transparent ones.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/pgtable.h>

#include "bindings_helper.h"

#define RUST_VMA_KUNIT_NR_HUGEPAGES "/proc/sys/vm/nr_hugepages"

/* How many pages hugetlbfs has, all of them together. */
long rust_vma_kunit_nr_hugepages(void)
{
	struct file *file = filp_open(RUST_VMA_KUNIT_NR_HUGEPAGES, O_RDONLY, 0);
	char text[24] = {};
	loff_t position = 0;
	ssize_t length;
	long number;
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	length = kernel_read(file, text, sizeof(text) - 1, &position);
	fput(file);
	if (length < 0)
		return length;
	err = kstrtol(text, 10, &number);
	return err ?: number;
}

int rust_vma_kunit_set_nr_hugepages(long number)
{
	struct file *file = filp_open(RUST_VMA_KUNIT_NR_HUGEPAGES, O_WRONLY, 0);
	char text[24];
	loff_t position = 0;
	ssize_t length;

	if (IS_ERR(file))
		return PTR_ERR(file);
	length = kernel_write(file, text,
			      scnprintf(text, sizeof(text), "%ld\n", number),
			      &position);
	fput(file);
	return length < 0 ? length : 0;
}

struct file *rust_vma_kunit_hugetlb_file(size_t size)
{
	return hugetlb_file_setup("rust_vma_kunit", size, EMPTY_VMA_FLAGS,
				  HUGETLB_ANONHUGE_INODE, 0);
}

/* Whether one transparent huge page is mapped there. The mmap lock is held. */
bool rust_vma_kunit_is_huge(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return false;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return false;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return false;
	return pmd_trans_huge(*pmd_offset(pud, addr));
}
