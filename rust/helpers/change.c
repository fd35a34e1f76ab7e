// SPDX-License-Identifier: GPL-2.0
/*
 * What ctl needs of C to do to a process what a system call does: the duties that
 * mprotect(), prctl(), mbind(), userfaultfd, mmap() and mremap() have besides merging
 * and splitting. Each function does what its name says after the prefix; the order of
 * calls, and what is allowed, is the module's. The mmap lock is held for write.
 */
#include <linux/hugetlb.h>
#include <linux/ksm.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/mm_inline.h>
#include <linux/pagewalk.h>
#include <linux/perf_event.h>
#include <linux/personality.h>
#include <linux/pkeys.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/userfaultfd_k.h>
#include <asm/tlb.h>

#include "bindings_helper.h"

/* Numbers that bindgen cannot see as such. */
enum {
	RUST_VMA_MAY_READ = PTRACE_MODE_READ_FSCREDS,
	RUST_VMA_MAY_ATTACH = PTRACE_MODE_ATTACH_REALCREDS,

	RUST_VMA_POLICY_DEFAULT = MPOL_DEFAULT,
	RUST_VMA_POLICY_BIND = MPOL_BIND,
	RUST_VMA_POLICY_PREFERRED = MPOL_PREFERRED,
	RUST_VMA_POLICY_INTERLEAVE = MPOL_INTERLEAVE,

	RUST_VMA_MODE_MISSING = UFFDIO_REGISTER_MODE_MISSING,
	RUST_VMA_MODE_WRITE_PROTECT = UFFDIO_REGISTER_MODE_WP,
	RUST_VMA_MODE_MINOR = UFFDIO_REGISTER_MODE_MINOR,
	RUST_VMA_MODE_ACCESS_PROTECT = UFFDIO_REGISTER_MODE_RWP,
};

/* A process, and what it may have. */

bool rust_vma_reading_implies_executing(const struct task_struct *task)
{
	return task->personality & READ_IMPLIES_EXEC;
}

/* RLIMIT_*, in bytes. */
unsigned long rust_vma_limit(const struct task_struct *task, unsigned int which)
{
	return task_rlimit(task, which);
}

unsigned long rust_vma_highest_limit(const struct task_struct *task,
				     unsigned int which)
{
	return task_rlimit_max(task, which);
}

unsigned long rust_vma_total_pages(const struct mm_struct *mm)
{
	return mm->total_vm;
}

unsigned long rust_vma_data_pages(const struct mm_struct *mm)
{
	return mm->data_vm;
}

unsigned long rust_vma_locked_pages(const struct mm_struct *mm)
{
	return mm->locked_vm;
}

void rust_vma_count_locked(struct mm_struct *mm, unsigned long pages)
{
	mm->locked_vm += pages;
}

void rust_vma_count_mapped(struct mm_struct *mm, const vma_flags_t *flags,
			   long pages)
{
	vm_stat_account(mm, vma_flags_to_legacy(*flags), pages);
}

bool rust_vma_is_data(const vma_flags_t *flags)
{
	return is_data_mapping_vma_flags(flags);
}

void rust_vma_uncharge(unsigned long pages)
{
	vm_unacct_memory(pages);
}

unsigned long rust_vma_task_size(const struct mm_struct *mm)
{
	return mm->task_size;
}

/* PR_SET_MDWE: what is writable may not become executable. */
bool rust_vma_denies_write_exec(const struct mm_struct *mm)
{
	return mm_flags_test(MMF_HAS_MDWE, mm);
}

/* Any VMA. */

/*
 * perf attributes what it is told to the calling process, so it is told of that one's
 * memory only.
 */
void rust_vma_tell_perf(struct vm_area_struct *vma)
{
	if (vma->vm_mm == current->mm)
		perf_event_mmap(vma);
}

/*
 * Makes what is locked in a range present, as far as that can be done, without the mmap
 * lock held by the caller. Ends early if either process is killed.
 */
void rust_vma_populate(struct mm_struct *mm, struct task_struct *task,
		       unsigned long start, unsigned long end)
{
	const unsigned long step = 512 * PAGE_SIZE;
	unsigned long next;

	for (; start < end; start = next) {
		struct vm_area_struct *vma;
		int locked = 1;

		if (fatal_signal_pending(task) || mmap_read_lock_killable(mm))
			return;
		vma = find_vma_intersection(mm, start, end);
		if (!vma) {
			mmap_read_unlock(mm);
			return;
		}
		start = max(start, vma->vm_start);
		next = min3(end, vma->vm_end, start + step);
		if ((vma->vm_flags & VM_LOCKED) &&
		    !(vma->vm_flags & (VM_IO | VM_PFNMAP))) {
			long pages = populate_vma_page_range(vma, start, next, &locked);

			/* What cannot be had is left out. */
			if (pages > 0)
				next = start + pages * PAGE_SIZE;
		}
		if (locked)
			mmap_read_unlock(mm);
	}
}

void rust_vma_set_page_prot(struct vm_area_struct *vma)
{
	vma_set_page_prot(vma);
}

bool rust_vma_is_anonymous(struct vm_area_struct *vma)
{
	return vma_is_anonymous(vma);
}

unsigned long rust_vma_huge_page_size(struct vm_area_struct *vma)
{
	return is_vm_hugetlb_page(vma) ? huge_page_size(hstate_vma(vma)) : PAGE_SIZE;
}

/* mprotect() */

/*
 * The flags that a VMA gets with this protection, PROT_*. -EOPNOTSUPP if that takes a
 * protection key that only the process itself can make.
 */
int rust_vma_flags_protected(struct vm_area_struct *vma, unsigned long prot,
			     vma_flags_t *flags)
{
	vm_flags_t kept = vma->vm_flags & ~(VM_ACCESS_FLAGS | VM_FLAGS_CLEAR);
	int pkey;

	if (IS_ENABLED(CONFIG_X86) && prot == PROT_EXEC && arch_pkeys_enabled())
		return -EOPNOTSUPP;
	pkey = arch_override_mprotect_pkey(vma, prot, -1);
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

/* Whether pages that are not the kernel's own may be made inaccessible, 0 or -EACCES. */
int rust_vma_pages_may_be_inaccessible(struct vm_area_struct *vma,
				       unsigned long start, unsigned long end,
				       const vma_flags_t *flags)
{
	pgprot_t prot = vm_get_page_prot(vma_flags_to_legacy(*flags));

	if (!arch_has_pfn_modify_check() || is_vm_hugetlb_page(vma))
		return 0;
	return walk_page_range_vma(vma, start, end, &inaccessible_ops, &prot);
}

/* At once: those who fault meanwhile see the flags from before or from after. */
void rust_vma_replace_flags_at_once(struct vm_area_struct *vma,
				    const vma_flags_t *flags)
{
	vma_flags_t copy = *flags;

	vma_flags_reset_once(vma, &copy);
}

/* Gives pages that are there the protection that their VMA has. */
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

/* prctl(PR_SET_VMA) */

/* A name is a C string. NULL without memory, or where names are not configured. */
struct anon_vma_name *rust_vma_name_new(const char *name)
{
#ifdef CONFIG_ANON_VMA_NAME
	return anon_vma_name_alloc(name);
#else
	return NULL;
#endif
}

bool rust_vma_names_are_configured(void)
{
	return IS_ENABLED(CONFIG_ANON_VMA_NAME);
}

void rust_vma_name_put(struct anon_vma_name *name)
{
	anon_vma_name_put(name);
}

bool rust_vma_may_have_name(struct vm_area_struct *vma)
{
	return !vma->vm_file || vma_is_anon_shmem(vma);
}

/* The VMA gets a reference of its own. NULL is no name. */
void rust_vma_replace_name(struct vm_area_struct *vma, struct anon_vma_name *name)
{
#ifdef CONFIG_ANON_VMA_NAME
	struct anon_vma_name *old = anon_vma_name(vma);

	if (anon_vma_name_eq(old, name))
		return;
	vma->anon_name = name ? anon_vma_name_reuse(name) : NULL;
	anon_vma_name_put(old);
#endif
}

/* mbind() */

/* MPOL_*, on some of the first nodes. NULL is the default one. */
struct mempolicy *rust_vma_policy_new(unsigned int mode, unsigned long nodes)
{
#ifdef CONFIG_NUMA
	nodemask_t mask = NODE_MASK_NONE;
	unsigned int node;

	for_each_set_bit(node, &nodes, BITS_PER_LONG) {
		if (node >= MAX_NUMNODES)
			return ERR_PTR(-EINVAL);
		node_set(node, mask);
	}
	return mpol_make(mode, &mask);
#else
	return ERR_PTR(-EOPNOTSUPP);
#endif
}

int rust_vma_replace_policy(struct vm_area_struct *vma, struct mempolicy *policy)
{
#ifdef CONFIG_NUMA
	return vma_replace_policy(vma, policy);
#else
	return 0;
#endif
}

/* userfaultfd */

/* The file behind a descriptor of a process, referenced; NULL if there is none. */
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

void rust_vma_fput(struct file *file)
{
	fput(file);
}

#ifdef CONFIG_USERFAULTFD

/* NULL if the file is no userfaultfd, or not ready for use. */
struct userfaultfd_ctx *rust_vma_context_of(struct file *file)
{
	return userfaultfd_ctx_of(file);
}

struct mm_struct *rust_vma_context_mm(const struct userfaultfd_ctx *ctx)
{
	return ctx->mm;
}

/* Whether what is asked for, UFFDIO_REGISTER_MODE_*, exists here and for this context. */
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

bool rust_vma_can_userfault(struct vm_area_struct *vma,
			    const struct userfaultfd_ctx *ctx,
			    const vma_flags_t *flags)
{
	bool wp_async = READ_ONCE(ctx->features) & UFFD_FEATURE_WP_ASYNC;

	return vma_can_userfault(vma, vma_flags_to_legacy(*flags), wp_async);
}

/* Without a context, flags are none. */
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

/* Takes back what a userfaultfd has protected page by page. */
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

#else /* !CONFIG_USERFAULTFD: there is no context, so nobody gets further than to ask for one. */

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

/* mmap() and mremap() */

/* The flags of private anonymous memory that is mapped with this protection, PROT_*. */
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

int rust_vma_charge(struct mm_struct *mm, unsigned long pages)
{
	return security_vm_enough_memory_mm(mm, pages);
}

/* A private anonymous VMA in a place where none is; NULL without memory. Charges for it. */
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

/* What is new counts as written to, for those who look for that. */
void rust_vma_mark_new(struct vm_area_struct *vma)
{
	if (pgtable_supports_soft_dirty())
		vma_set_flags(vma, VMA_SOFTDIRTY_BIT);
}
