// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of mmap() and mremap() besides merging and splitting, for rust/process/sys/mapping.rs.
 * The mmap lock is held for write.
 */
#include <linux/cred.h>
#include <linux/huge_mm.h>
#include <linux/hugetlb.h>
#include <linux/ksm.h>
#include <linux/mman.h>
#include <linux/pkeys.h>
#include <linux/security.h>
#include <linux/shmem_fs.h>
#include <linux/userfaultfd_k.h>

#include "bindings_helper.h"

/* Sets the flags of private anonymous memory that is mapped with this protection, PROT_*. */
int rust_vma_flags_mapped(struct mm_struct *mm, unsigned long prot, vma_flags_t *flags)
{
	const unsigned long how = MAP_PRIVATE | MAP_ANONYMOUS;

	if (IS_ENABLED(CONFIG_X86) && prot == PROT_EXEC && arch_pkeys_enabled())
		return -EOPNOTSUPP;
	*flags = legacy_to_vma_flags(calc_vm_prot_bits(prot, 0) |
				     calc_vm_flag_bits(NULL, how));
	vma_flags_set_mask(flags, mm->def_vma_flags);
	vma_flags_set(flags, VMA_MAYREAD_BIT, VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT);
	*flags = ksm_vma_flags(mm, NULL, *flags);
	return 0;
}

int rust_vma_security_allows_mapping(unsigned long addr, unsigned long prot)
{
	int error = security_mmap_file(NULL, prot, MAP_PRIVATE | MAP_ANONYMOUS);

	return error ?: security_mmap_addr(addr);
}

/*
 * Security modules check the credentials of the caller, so the caller uses those of the task during
 * the check.
 */
int rust_vma_security_allows_address(struct task_struct *task, unsigned long addr)
{
	const struct cred *cred = get_task_cred(task);
	const struct cred *own = override_creds(cred);
	int error = security_mmap_addr(addr);

	revert_creds(own);
	put_cred(cred);
	return error;
}

/*
 * Returns whether one mremap() may move this VMA together with others. The kernel has to know that
 * the VMA's file accepts the requested address.
 */
bool rust_vma_moves_with_others(struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;

	if (!file || !file->f_op->get_unmapped_area || is_vm_hugetlb_page(vma))
		return true;
	return shmem_mapping(file->f_mapping) ||
	       file->f_op->get_unmapped_area == thp_get_unmapped_area;
}

/*
 * Inserts a private anonymous VMA in a free range, and charges for it. Returns NULL if there is not
 * enough memory.
 */
struct vm_area_struct *rust_vma_insert_anonymous(struct mm_struct *mm,
						 unsigned long start,
						 unsigned long end,
						 const vma_flags_t *flags)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);

	if (!vma)
		return NULL;
	vma_set_anonymous(vma);
	vma->vm_start = start;
	vma->vm_end = end;
	vma->flags = *flags;
	vma->vm_page_prot = vm_get_page_prot(vma_flags_to_legacy(*flags));
	if (insert_vm_struct(mm, vma)) {
		vm_area_free(vma);
		return NULL;
	}
	return vma;
}

/* New memory counts as written to, for programs that track writes. */
void rust_vma_mark_new(struct vm_area_struct *vma)
{
	if (pgtable_supports_soft_dirty())
		vma_set_flags(vma, VMA_SOFTDIRTY_BIT);
}

void rust_vma_set_page_prot(struct vm_area_struct *vma)
{
	vma_set_page_prot(vma);
}
