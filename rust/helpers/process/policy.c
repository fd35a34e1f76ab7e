// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of mbind() besides merging and splitting, for rust/process/sys/policy.rs. The mmap lock
 * is held for write.
 */
#include <linux/mempolicy.h>

#include "bindings_helper.h"

/* Values that bindgen cannot see. */
enum {
	RUST_VMA_POLICY_DEFAULT = MPOL_DEFAULT,
	RUST_VMA_POLICY_BIND = MPOL_BIND,
	RUST_VMA_POLICY_PREFERRED = MPOL_PREFERRED,
	RUST_VMA_POLICY_INTERLEAVE = MPOL_INTERLEAVE,
};

/*
 * Creates a policy with this mode, MPOL_*, and a mask of the first nodes. Returns NULL for the
 * default policy.
 */
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
