// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of mprotect() besides merging and splitting, for rust/process/sys/protection.rs. The
 * mmap lock is held for write.
 */
#include <linux/hugetlb.h>
#include <linux/mman.h>
#include <linux/pagewalk.h>
#include <linux/pkeys.h>
#include <linux/security.h>
#include <linux/userfaultfd_k.h>
#include <asm/tlb.h>

#include "bindings_helper.h"

/* PR_SET_MDWE: writable memory may not become executable. */
bool rust_vma_denies_write_exec(const struct mm_struct *mm)
{
	return mm_flags_test(MMF_HAS_MDWE, mm);
}

/*
 * Sets *flags to those of a VMA that had the flags *before, after a change to this protection,
 * PROT_*. Returns -EOPNOTSUPP if the change needs a protection key that only the process itself can
 * create. Private anonymous memory that is not mapped yet has no VMA (NULL), and no key.
 */
int rust_vma_flags_protected(struct vm_area_struct *vma, const vma_flags_t *before,
			     unsigned long prot, vma_flags_t *flags)
{
	vm_flags_t kept = vma_flags_to_legacy(*before) & ~(VM_ACCESS_FLAGS | VM_FLAGS_CLEAR);
	int pkey;

	if (IS_ENABLED(CONFIG_X86) && prot == PROT_EXEC && arch_pkeys_enabled())
		return -EOPNOTSUPP;
	pkey = vma ? arch_override_mprotect_pkey(vma, prot, -1) : 0;
	*flags = legacy_to_vma_flags(kept | calc_vm_prot_bits(prot, pkey));
	return 0;
}

bool rust_vma_arch_allows(const vma_flags_t *flags)
{
	return arch_validate_flags(vma_flags_to_legacy(*flags));
}

int rust_vma_security_allows_protection(struct vm_area_struct *vma,
					unsigned long requested, unsigned long prot)
{
	return security_file_mprotect(vma, requested, prot);
}

int rust_vma_driver_allows_protection(struct vm_area_struct *vma,
				      unsigned long start, unsigned long end,
				      const vma_flags_t *flags)
{
	if (vma->vm_ops && vma->vm_ops->mprotect)
		return vma->vm_ops->mprotect(vma, start, end,
					     vma_flags_to_legacy(*flags));
	return 0;
}

static int inaccessible_pte(pte_t *pte, unsigned long addr, unsigned long next,
			    struct mm_walk *walk)
{
	const pgprot_t *prot = walk->private;

	return pfn_modify_allowed(pte_pfn(ptep_get(pte)), *prot) ? 0 : -EACCES;
}

static const struct mm_walk_ops inaccessible_ops = {
	.pte_entry = inaccessible_pte,
	.walk_lock = PGWALK_WRLOCK,
};

/* Returns 0 if pages that the kernel does not own may be made inaccessible, otherwise -EACCES. */
int rust_vma_pages_may_be_inaccessible(struct vm_area_struct *vma,
				       unsigned long start, unsigned long end,
				       const vma_flags_t *flags)
{
	pgprot_t prot = vm_get_page_prot(vma_flags_to_legacy(*flags));

	if (!arch_has_pfn_modify_check() || is_vm_hugetlb_page(vma))
		return 0;
	return walk_page_range_vma(vma, start, end, &inaccessible_ops, &prot);
}

/* Applies the protection of the VMA to its pages that are present. */
void rust_vma_protect_pages(struct vm_area_struct *vma, unsigned long start,
			    unsigned long end)
{
	bool upgrade = vma_wants_manual_pte_write_upgrade(vma);
	struct mmu_gather tlb;

	vma_set_page_prot(vma);
	tlb_gather_mmu(&tlb, vma->vm_mm);
	change_protection(&tlb, vma, start, end,
			  upgrade ? MM_CP_TRY_CHANGE_WRITABLE : 0);
	tlb_finish_mmu(&tlb);
}

/*
 * Replaces the flags that belong to the protection, and the flag for accounted memory, but does not
 * allow any access that the mapping must not have (VM_MAYREAD...). A single store replaces the
 * flags: a concurrent fault sees either the old flags or the new ones.
 */
void rust_vma_replace_flags_at_once(struct vm_area_struct *vma,
				    const vma_flags_t *flags)
{
	const vm_flags_t ours = VM_ACCESS_FLAGS | VM_FLAGS_CLEAR | VM_ACCOUNT;
	const vm_flags_t denied = VM_ACCESS_FLAGS & ~(vma->vm_flags >> 4);
	vma_flags_t new = legacy_to_vma_flags((vma->vm_flags & ~ours) |
					      (vma_flags_to_legacy(*flags) & ours & ~denied));

	vma_flags_reset_once(vma, &new);
}
