/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A record about a VMA. The program in the kernel (vmas.bpf.c) writes it, and the program outside
 * (sys.rs) reads it. The name of the VMA follows the record, if it has one.
 */
#ifndef VMA_EXPLAIN_VMA_H
#define VMA_EXPLAIN_VMA_H

/* The length of a set of nodes, in words of 64 bits. */
#define VMA_NODE_WORDS 16
/* The room for a name, including the NUL at its end. */
#define VMA_NAME_ROOM 128

enum vma_kind {
	VMA_IS_THERE = 1,
	/* There are no more VMAs. */
	VMA_END,
};

enum vma_use {
	VMA_UNKNOWN,
	VMA_HEAP,
	VMA_STACK,
	/* The kernel has mapped the VMA under a name, which follows. */
	VMA_SPECIAL,
};

struct vma_record {
	unsigned int kind;
	/* The use of the VMA (enum vma_use), if it maps no file. */
	unsigned int used_as;
	unsigned long long start;
	unsigned long long end;
	unsigned long long pgoff;
	unsigned long long anon_pgoff;
	/* Numbered as in the running kernel. */
	unsigned long long flags;
	unsigned long long mm;
	unsigned long long file;
	unsigned long long inode;
	unsigned long long anon_vma;
	unsigned long long anon_vma_root;
	unsigned long long uffd;
	/* How often the memory was locked or unlocked for writing; zero if it is not known. */
	unsigned int write_count;
	/* The length of the name that follows, in bytes, including the NUL; zero without a name. */
	unsigned short name_length;
	/* Whether a policy follows the name. */
	unsigned char has_policy;
	/* Whether its anon_vma_chain has more than one entry. */
	unsigned char has_several_anon_vmas;
	/* Whether its driver has a close(). */
	unsigned char has_close;
	/* Whether other tasks wait for the mmap lock. */
	unsigned char has_waiters;
	unsigned char padding[6];
};

/* Two sets of nodes follow: the nodes on which the policy places memory, and the requested ones. */
struct vma_policy {
	unsigned int mode;
	unsigned int flags;
	/* Negative if there is none. */
	int home_node;
	unsigned int padding;
};

struct vma_nodes {
	unsigned long long words[VMA_NODE_WORDS];
};

#endif
