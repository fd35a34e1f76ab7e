/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A record about a VMA, as the program in the kernel (vmas.bpf.c) writes it and the program outside
 * (sys.rs) reads it. A name follows it, if it has one.
 */
#ifndef VMA_EXPLAIN_VMA_H
#define VMA_EXPLAIN_VMA_H

/* The most nodes of a policy that are told. */
#define VMA_NODE_WORDS 16
/* The longest name that follows, and the NUL behind it. */
#define VMA_NAME_ROOM 128

enum vma_kind {
	VMA_IS_THERE = 1,
	/* There are no more. */
	VMA_END,
};

enum vma_use {
	VMA_UNKNOWN,
	VMA_HEAP,
	VMA_STACK,
	/* It has a name of the kernel's, which follows. */
	VMA_SPECIAL,
};

struct vma_record {
	unsigned int kind;
	/* What it is for, if it maps no file. */
	unsigned int used_as;
	unsigned long long start;
	unsigned long long end;
	unsigned long long pgoff;
	unsigned long long anon_pgoff;
	/* As the running kernel numbers them. */
	unsigned long long flags;
	unsigned long long mm;
	unsigned long long file;
	unsigned long long inode;
	unsigned long long anon_vma;
	unsigned long long anon_vma_root;
	unsigned long long uffd;
	/* How often the memory was locked for writing, and unlocked; zero if that is not known. */
	unsigned int write_count;
	/* The number of bytes of the name, which follows, with a NUL at its end; none if zero. */
	unsigned short name_length;
	/* Whether a policy follows then. */
	unsigned char has_policy;
	/* Whether the chain of its anon_vma has more than one. */
	unsigned char has_several_anon_vmas;
	/* Whether its driver has to see it closed. */
	unsigned char has_close;
	unsigned char padding[7];
};

/* Two sets of nodes follow: those where the policy places memory, and those that were asked for. */
struct vma_policy {
	unsigned int mode;
	unsigned int flags;
	/* None if negative. */
	int home_node;
	unsigned int padding;
};

struct vma_nodes {
	unsigned long long words[VMA_NODE_WORDS];
};

#endif
