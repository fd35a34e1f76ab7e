// SPDX-License-Identifier: GPL-2.0
/*
 * This program runs in the kernel, once for each VMA of a process, with the mmap lock held for
 * reading, and writes a record about the VMA.
 *
 * The types have only the fields that are read; libbpf finds their offsets in the running kernel.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "vma.h"

#define PAGE_SHIFT 12
#define CORE __attribute__((preserve_access_index))

struct inode;

struct file {
	struct inode *f_inode;
} CORE;

struct anon_vma {
	struct anon_vma *root;
} CORE;

struct anon_vma_name {
	char name[0];
} CORE;

struct mempolicy {
	unsigned short mode;
	unsigned short flags;
	struct {
		unsigned long bits[VMA_NODE_WORDS];
	} nodes;
	int home_node;
	union {
		struct {
			unsigned long bits[VMA_NODE_WORDS];
		} user_nodemask;
	} w;
} CORE;

struct list_head {
	struct list_head *next;
	struct list_head *prev;
} CORE;

struct vm_operations_struct {
	void (*close)(void *vma);
	const char *(*name)(void *vma);
} CORE;

struct vm_special_mapping {
	const char *name;
} CORE;

struct vm_userfaultfd_ctx {
	void *ctx;
} CORE;

struct rw_semaphore {
	struct {
		long counter;
	} count;
} CORE;

#define RWSEM_FLAG_WAITERS 2

struct mm_struct {
	struct rw_semaphore mmap_lock;
	unsigned long start_brk;
	unsigned long brk;
	unsigned long start_stack;
} CORE;

/* Linux 6.4 to 6.12. */
struct mm_struct___number {
	int mm_lock_seq;
} CORE;

struct seqcount {
	unsigned int sequence;
} CORE;

struct mm_struct___seqcount {
	struct seqcount mm_lock_seq;
} CORE;

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
	struct {
		unsigned long rb_subtree_last;
	} shared;
	struct list_head anon_vma_chain;
	struct anon_vma *anon_vma;
	const struct vm_operations_struct *vm_ops;
	unsigned long vm_pgoff;
	struct file *vm_file;
	void *vm_private_data;
	struct anon_vma_name *anon_name;
	struct mempolicy *vm_policy;
	struct vm_userfaultfd_ctx vm_userfaultfd_ctx;
	unsigned int __vm_anon_pgoff_lo;
	unsigned int __vm_anon_pgoff_hi;
} CORE;

struct seq_file {
	unsigned long size;
	unsigned long count;
} CORE;

struct task_struct;

struct bpf_iter_meta {
	struct seq_file *seq;
} CORE;

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
} CORE;

char _license[] SEC("license") = "GPL";

static unsigned int write_count(struct mm_struct *mm)
{
	struct mm_struct___seqcount *counted = (void *)mm;
	struct mm_struct___number *numbered = (void *)mm;

	if (bpf_core_field_exists(counted->mm_lock_seq.sequence))
		return BPF_CORE_READ(counted, mm_lock_seq.sequence);
	if (bpf_core_field_exists(numbered->mm_lock_seq))
		return BPF_CORE_READ(numbered, mm_lock_seq);
	return 0;
}

/* A lock of PREEMPT_RT has no such counter. */
static bool has_waiters(struct mm_struct *mm)
{
	return bpf_core_field_exists(mm->mmap_lock.count.counter) &&
	       mm->mmap_lock.count.counter & RWSEM_FLAG_WAITERS;
}

static unsigned long anon_pgoff_of(struct vm_area_struct *vma)
{
	unsigned long pgoff;

	/*
	 * Before Linux 7.3, VMAs have only one page offset. For a VMA with a file, this returns an
	 * anonymous page offset that continues across all VMAs.
	 */
	if (!bpf_core_field_exists(vma->__vm_anon_pgoff_lo))
		return vma->vm_file ? vma->vm_start >> PAGE_SHIFT : vma->vm_pgoff;
	pgoff = vma->__vm_anon_pgoff_hi;
	return pgoff << 32 | vma->__vm_anon_pgoff_lo;
}

/* Returns the name that prctl() has given, or NULL. */
static const char *given_name(struct vm_area_struct *vma)
{
	struct anon_vma_name *name;

	if (!bpf_core_field_exists(vma->anon_name))
		return NULL;
	/* Up to Linux 6.1, the rmap fields of a VMA with a file are in the same place. */
	if (vma->vm_file &&
	    bpf_core_field_offset(vma->anon_name) == bpf_core_field_offset(vma->shared))
		return NULL;
	name = vma->anon_name;
	return name ? (const char *)name + bpf_core_field_offset(name->name) : NULL;
}

static const char *special_name(struct vm_area_struct *vma)
{
	struct vm_special_mapping *mapping;

	/* Only special mappings have a name() and no file. */
	if (vma->vm_file || !vma->vm_ops || !vma->vm_ops->name)
		return NULL;
	mapping = vma->vm_private_data;
	return BPF_CORE_READ(mapping, name);
}

static unsigned int use_of(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_file)
		return VMA_UNKNOWN;
	if (vma->vm_start < mm->brk && vma->vm_end > mm->start_brk)
		return VMA_HEAP;
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return VMA_STACK;
	return VMA_UNKNOWN;
}

static void write_name(struct seq_file *seq, const char *name, unsigned long length)
{
	/* The verifier of Linux 6.1 needs to see this comparison separately. */
	barrier_var(length);
	if (length <= VMA_NAME_ROOM)
		bpf_seq_write(seq, name, length);
}

/* Writes a set of nodes that has the given size in the kernel, in bytes. */
static void write_nodes(struct seq_file *seq, const void *set, unsigned int size,
			struct vma_nodes *nodes)
{
	__builtin_memset(nodes, 0, sizeof(*nodes));
	if (size <= sizeof(*nodes))
		bpf_probe_read_kernel(nodes, size, set);
	bpf_seq_write(seq, nodes, sizeof(*nodes));
}

static void write_policy(struct seq_file *seq, struct mempolicy *policy, struct vma_nodes *nodes)
{
	struct vma_policy record = {};

	record.mode = policy->mode;
	record.flags = policy->flags;
	record.home_node = -1;
	if (bpf_core_field_exists(policy->home_node))
		record.home_node = policy->home_node;
	bpf_seq_write(seq, &record, sizeof(record));
	write_nodes(seq, &policy->nodes, bpf_core_field_size(policy->nodes), nodes);
	write_nodes(seq, &policy->w.user_nodemask, bpf_core_field_size(policy->w.user_nodemask),
		    nodes);
}

SEC("iter/task_vma")
int vmas(struct bpf_iter__task_vma *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct vm_area_struct *vma = ctx->vma;
	struct vma_record record = {};
	union {
		char name[VMA_NAME_ROOM];
		struct vma_nodes nodes;
	} more;
	const char *name;
	unsigned long length;

	if (!ctx->task || !vma) {
		/* The iterator of a single process never ends by itself (Linux 6.1 to 7.3). */
		record.kind = VMA_END;
		bpf_seq_write(seq, &record, sizeof(record));
		return 0;
	}
	record.kind = VMA_IS_THERE;
	record.used_as = use_of(vma);
	record.start = vma->vm_start;
	record.end = vma->vm_end;
	record.pgoff = vma->vm_pgoff;
	record.anon_pgoff = anon_pgoff_of(vma);
	record.flags = vma->vm_flags;
	record.mm = (unsigned long)vma->vm_mm;
	record.write_count = write_count(vma->vm_mm);
	record.has_waiters = has_waiters(vma->vm_mm);
	record.file = (unsigned long)vma->vm_file;
	if (vma->vm_file)
		record.inode = (unsigned long)vma->vm_file->f_inode;
	record.anon_vma = (unsigned long)vma->anon_vma;
	if (vma->anon_vma) {
		record.anon_vma_root = (unsigned long)vma->anon_vma->root;
		record.has_several_anon_vmas = vma->anon_vma_chain.next != vma->anon_vma_chain.prev;
	}
	record.has_close = vma->vm_ops && vma->vm_ops->close;
	if (bpf_core_field_exists(vma->vm_userfaultfd_ctx.ctx))
		record.uffd = (unsigned long)vma->vm_userfaultfd_ctx.ctx;
	if (bpf_core_field_exists(vma->vm_policy) && vma->vm_policy)
		record.has_policy = 1;

	name = special_name(vma);
	if (name)
		record.used_as = VMA_SPECIAL;
	else
		name = given_name(vma);
	length = name ? bpf_probe_read_kernel_str(more.name, VMA_NAME_ROOM, name) : 0;
	/* A negative value is an errno. */
	if (length <= VMA_NAME_ROOM)
		record.name_length = length;
	bpf_seq_write(seq, &record, sizeof(record));
	if (record.name_length)
		write_name(seq, more.name, length);
	if (bpf_core_field_exists(vma->vm_policy) && vma->vm_policy)
		write_policy(seq, vma->vm_policy, &more.nodes);
	/*
	 * The record that ends the list has to fit into the piece of the last VMA; otherwise, both
	 * would be written again and again. If it does not fit, this VMA begins the next piece.
	 */
	return seq->size - seq->count <= sizeof(record);
}
