// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of UFFDIO_REGISTER and UFFDIO_UNREGISTER other than merging and splitting, for
 * rust/process/sys/userfaultfd.rs. The mmap lock is held for write.
 */
#include <linux/hugetlb.h>
#include <linux/userfaultfd_k.h>
#include <asm/tlb.h>

#include "bindings_helper.h"

/* Values that bindgen cannot see. */
enum {
	RUST_VMA_MODE_MISSING = UFFDIO_REGISTER_MODE_MISSING,
	RUST_VMA_MODE_WRITE_PROTECT = UFFDIO_REGISTER_MODE_WP,
	RUST_VMA_MODE_MINOR = UFFDIO_REGISTER_MODE_MINOR,
	RUST_VMA_MODE_ACCESS_PROTECT = UFFDIO_REGISTER_MODE_RWP,
};

/* Returns the file behind a descriptor of a process, with a reference, or NULL. */
struct file *rust_vma_file_of(struct task_struct *task, unsigned int fd)
{
	unsigned int found = fd;
	struct file *file = fget_task_next(task, &found);

	if (file && found != fd) {
		fput(file);
		return NULL;
	}
	return file;
}

#ifdef CONFIG_USERFAULTFD

/* Returns NULL if the file is not a userfaultfd, or not ready for use. */
struct userfaultfd_ctx *rust_vma_context_of(struct file *file)
{
	return userfaultfd_ctx_of(file);
}

struct mm_struct *rust_vma_context_mm(const struct userfaultfd_ctx *ctx)
{
	return ctx->mm;
}

/* Returns whether this kernel and this context support the modes, UFFDIO_REGISTER_MODE_*. */
bool rust_vma_modes_exist(const struct userfaultfd_ctx *ctx, unsigned int modes)
{
	const unsigned int protecting = UFFDIO_REGISTER_MODE_WP |
					UFFDIO_REGISTER_MODE_RWP;

	if ((modes & protecting) && !pgtable_supports_uffd())
		return false;
	if ((modes & UFFDIO_REGISTER_MODE_RWP) &&
	    (!VM_UFFD_RWP ||
	     !(READ_ONCE(ctx->features) & UFFD_FEATURE_RWP)))
		return false;
	if ((modes & UFFDIO_REGISTER_MODE_MINOR) &&
	    !IS_ENABLED(CONFIG_HAVE_ARCH_USERFAULTFD_MINOR))
		return false;
	return true;
}

static vm_flags_t flags_of_modes(unsigned int modes)
{
	vm_flags_t flags = 0;

	if (modes & UFFDIO_REGISTER_MODE_MISSING)
		flags |= VM_UFFD_MISSING;
	if (modes & UFFDIO_REGISTER_MODE_WP)
		flags |= VM_UFFD_WP;
	if (modes & UFFDIO_REGISTER_MODE_MINOR)
		flags |= VM_UFFD_MINOR;
	if (modes & UFFDIO_REGISTER_MODE_RWP)
		flags |= VM_UFFD_RWP;
	return flags;
}

void rust_vma_flags_of_modes(unsigned int modes, vma_flags_t *flags)
{
	*flags = legacy_to_vma_flags(flags_of_modes(modes));
}

void rust_vma_all_userfaultfd_flags(vma_flags_t *flags)
{
	*flags = legacy_to_vma_flags(__VM_UFFD_FLAGS);
}

/* vma is NULL for private anonymous memory that is not mapped yet. */
bool rust_vma_can_userfault(struct vm_area_struct *vma,
			    const struct userfaultfd_ctx *ctx,
			    const vma_flags_t *flags)
{
	bool wp_async = READ_ONCE(ctx->features) & UFFD_FEATURE_WP_ASYNC;
	struct vm_area_struct anonymous = { .vm_mm = ctx->mm };

	return vma_can_userfault(vma ?: &anonymous, vma_flags_to_legacy(*flags), wp_async);
}

/* Returns whether memory that is moved stays registered with this context. */
bool rust_vma_follows_moves(const struct userfaultfd_ctx *ctx)
{
	return READ_ONCE(ctx->features) & UFFD_FEATURE_EVENT_REMAP;
}

/* If ctx is NULL, flags are empty. */
void rust_vma_set_context(struct vm_area_struct *vma, struct userfaultfd_ctx *ctx,
			  const vma_flags_t *flags)
{
	userfaultfd_set_ctx(vma, ctx, vma_flags_to_legacy(*flags));
	if (ctx && is_vm_hugetlb_page(vma) && uffd_disable_huge_pmd_share(vma))
		hugetlb_unshare_all_pmds(vma);
}

void rust_vma_wake_range(struct userfaultfd_ctx *ctx, unsigned long start,
			 unsigned long end)
{
	userfaultfd_wake_range(ctx, start, end);
}

/* Removes the protection that a userfaultfd has put on pages. */
void rust_vma_unprotect_pages(struct vm_area_struct *vma, unsigned long start,
			      unsigned long end)
{
	unsigned long how = 0;
	struct mmu_gather tlb;

	if (!userfaultfd_protected(vma))
		return;
	if (userfaultfd_wp(vma))
		how |= MM_CP_UFFD_WP_RESOLVE;
	if (userfaultfd_rwp(vma))
		how |= MM_CP_UFFD_RWP_RESOLVE;
	if (vma_wants_manual_pte_write_upgrade(vma))
		how |= MM_CP_TRY_CHANGE_WRITABLE;
	tlb_gather_mmu(&tlb, vma->vm_mm);
	change_protection(&tlb, vma, start, end, how);
	tlb_finish_mmu(&tlb);
}

#else /* !CONFIG_USERFAULTFD: only the first of these is called, because no context exists. */

struct userfaultfd_ctx *rust_vma_context_of(struct file *file)
{
	return NULL;
}

struct mm_struct *rust_vma_context_mm(const struct userfaultfd_ctx *ctx)
{
	return NULL;
}

bool rust_vma_modes_exist(const struct userfaultfd_ctx *ctx, unsigned int modes)
{
	return false;
}

void rust_vma_flags_of_modes(unsigned int modes, vma_flags_t *flags)
{
	*flags = EMPTY_VMA_FLAGS;
}

void rust_vma_all_userfaultfd_flags(vma_flags_t *flags)
{
	*flags = EMPTY_VMA_FLAGS;
}

bool rust_vma_can_userfault(struct vm_area_struct *vma,
			    const struct userfaultfd_ctx *ctx,
			    const vma_flags_t *flags)
{
	return false;
}

bool rust_vma_follows_moves(const struct userfaultfd_ctx *ctx)
{
	return false;
}

void rust_vma_set_context(struct vm_area_struct *vma, struct userfaultfd_ctx *ctx,
			  const vma_flags_t *flags)
{
}

void rust_vma_wake_range(struct userfaultfd_ctx *ctx, unsigned long start,
			 unsigned long end)
{
}

void rust_vma_unprotect_pages(struct vm_area_struct *vma, unsigned long start,
			      unsigned long end)
{
}

#endif /* CONFIG_USERFAULTFD */
