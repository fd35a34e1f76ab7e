/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Upstream's stubs, without those that the helpers for VMAs depend on. These
 * are functions here, which do everything visible that they do in the kernel.
 */
#ifndef RUST_VMA_SHIM_STUBS_H
#define RUST_VMA_SHIM_STUBS_H

/*
 * For measurements, pure checks are left out, as in a kernel without DEBUG_VM.
 */
#ifdef WITHOUT_DEBUG_VM
#undef VM_WARN_ON
#undef VM_WARN_ON_ONCE
#undef VM_WARN_ON_ONCE_VMA
#undef VM_WARN_ON_VMG
#define VM_WARN_ON(condition)			((void)sizeof((long)(condition)))
#define VM_WARN_ON_ONCE(condition)		VM_WARN_ON(condition)
#define VM_WARN_ON_ONCE_VMA(condition, vma)	((void)(vma), VM_WARN_ON(condition))
#define VM_WARN_ON_VMG(condition, vmg)		((void)(vmg), VM_WARN_ON(condition))
#endif

/* Upstream's stubs get other names, which nothing calls. */
#define vm_userfaultfd_ctx		upstream_vm_userfaultfd_ctx
#define dup_anon_vma_name		upstream_dup_anon_vma_name
#define free_anon_vma_name		upstream_free_anon_vma_name
#define anon_vma_unlock_write		upstream_anon_vma_unlock_write
#define i_mmap_unlock_write		upstream_i_mmap_unlock_write
#define mpol_equal			upstream_mpol_equal
#define khugepaged_enter_vma		upstream_khugepaged_enter_vma
#define is_vm_hugetlb_page		upstream_is_vm_hugetlb_page
#define mapping_rmap_tree_insert	upstream_mapping_rmap_tree_insert
#define mapping_rmap_tree_remove	upstream_mapping_rmap_tree_remove
#define flush_dcache_mmap_unlock	upstream_flush_dcache_mmap_unlock
#define anon_rmap_tree_insert		upstream_anon_rmap_tree_insert
#define anon_rmap_tree_remove		upstream_anon_rmap_tree_remove
#define uprobe_mmap			upstream_uprobe_mmap
#define uprobe_munmap			upstream_uprobe_munmap
#define i_mmap_lock_write		upstream_i_mmap_lock_write
#define anon_vma_lock_write		upstream_anon_vma_lock_write
#define vma_assert_write_locked		upstream_vma_assert_write_locked
#define vma_close			upstream_vma_close
#define mmap_file			upstream_mmap_file
#define anon_vma_name			upstream_anon_vma_name
#define is_mergeable_vm_userfaultfd_ctx	upstream_is_mergeable_vm_userfaultfd_ctx
#define vma_has_uffd_without_event_remap upstream_vma_has_uffd_without_event_remap
#define anon_vma_name_eq		upstream_anon_vma_name_eq
#define fput				upstream_fput
#define mpol_put			upstream_mpol_put
#define free_pgtables			upstream_free_pgtables
#define mapping_unmap_writable		upstream_mapping_unmap_writable
#define flush_dcache_mmap_lock		upstream_flush_dcache_mmap_lock
#define get_file			upstream_get_file
#define vma_dup_policy			upstream_vma_dup_policy
#define vma_adjust_trans_huge		upstream_vma_adjust_trans_huge
#define hugetlb_split			upstream_hugetlb_split
#define move_page_tables		upstream_move_page_tables
#define vma_supports_mlock		upstream_vma_supports_mlock

#include "upstream/stubs.h"

#undef vma_policy
#undef vm_userfaultfd_ctx
#undef dup_anon_vma_name
#undef free_anon_vma_name
#undef anon_vma_unlock_write
#undef i_mmap_unlock_write
#undef mpol_equal
#undef khugepaged_enter_vma
#undef is_vm_hugetlb_page
#undef mapping_rmap_tree_insert
#undef mapping_rmap_tree_remove
#undef flush_dcache_mmap_unlock
#undef anon_rmap_tree_insert
#undef anon_rmap_tree_remove
#undef uprobe_mmap
#undef uprobe_munmap
#undef i_mmap_lock_write
#undef anon_vma_lock_write
#undef vma_assert_write_locked
#undef vma_close
#undef mmap_file
#undef anon_vma_name
#undef is_mergeable_vm_userfaultfd_ctx
#undef vma_has_uffd_without_event_remap
#undef anon_vma_name_eq
#undef fput
#undef mpol_put
#undef free_pgtables
#undef mapping_unmap_writable
#undef flush_dcache_mmap_lock
#undef get_file
#undef vma_dup_policy
#undef vma_adjust_trans_huge
#undef hugetlb_split
#undef move_page_tables
#undef vma_supports_mlock

struct mmu_gather;
struct userfaultfd_ctx;
struct vm_userfaultfd_ctx {
	struct userfaultfd_ctx *ctx;
};

/* Policies, names, contexts: attributes.c */
#define vma_policy(vma)	((vma)->vm_policy)
bool mpol_equal(struct mempolicy *a, struct mempolicy *b);
void mpol_put(struct mempolicy *policy);
int vma_dup_policy(struct vm_area_struct *src, struct vm_area_struct *dst);
struct anon_vma_name *anon_vma_name(struct vm_area_struct *vma);
bool anon_vma_name_eq(struct anon_vma_name *a, struct anon_vma_name *b);
void dup_anon_vma_name(struct vm_area_struct *src, struct vm_area_struct *dst);
void free_anon_vma_name(struct vm_area_struct *vma);
bool is_mergeable_vm_userfaultfd_ctx(struct vm_area_struct *vma,
				     struct vm_userfaultfd_ctx ctx);
bool vma_has_uffd_without_event_remap(struct vm_area_struct *vma);

/* Files and drivers: files.c */
struct file *get_file(struct file *file);
void fput(struct file *file);
int mmap_file(struct file *file, struct vm_area_struct *vma);
void vma_close(struct vm_area_struct *vma);
void mapping_allow_writable(struct address_space *mapping);
void mapping_unmap_writable(struct address_space *mapping);
void i_mmap_lock_write(struct address_space *mapping);
void i_mmap_unlock_write(struct address_space *mapping);
void flush_dcache_mmap_lock(struct address_space *mapping);
void flush_dcache_mmap_unlock(struct address_space *mapping);
void mapping_rmap_tree_insert(struct vm_area_struct *vma,
			      struct address_space *mapping);
void mapping_rmap_tree_remove(struct vm_area_struct *vma,
			      struct address_space *mapping);

/* anon_vmas: anon_vma.c */
void anon_vma_lock_write(struct anon_vma *anon_vma);
void anon_vma_unlock_write(struct anon_vma *anon_vma);
void anon_rmap_tree_insert(struct anon_vma_chain *avc, struct anon_vma *anon_vma);
void anon_rmap_tree_remove(struct anon_vma_chain *avc, struct anon_vma *anon_vma);

/* Other parts of mm that are notified of a change: notices.c */
void khugepaged_enter_vma(struct vm_area_struct *vma, vm_flags_t flags);
void vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, struct vm_area_struct *next);
void hugetlb_split(struct vm_area_struct *vma, unsigned long addr);
void uprobe_mmap(struct vm_area_struct *vma);
void uprobe_munmap(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end);
bool is_vm_hugetlb_page(struct vm_area_struct *vma);
bool vma_supports_mlock(const struct vm_area_struct *vma);
void free_pgtables(struct mmu_gather *tlb, struct unmap_desc *unmap);
unsigned long move_page_tables(struct pagetable_move_control *pmc);
bool shim_is_write_locked(const struct vm_area_struct *vma);
void shim_write_lock(struct vm_area_struct *vma);

static inline void vma_assert_write_locked(struct vm_area_struct *vma)
{
	VM_WARN_ON(!shim_is_write_locked(vma));
}

#endif /* RUST_VMA_SHIM_STUBS_H */
