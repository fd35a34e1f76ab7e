// SPDX-License-Identifier: GPL-2.0

//! The records that the program in the kernel writes, as bpf/vma.h defines them.

use zerocopy::FromBytes;
#[cfg(test)]
use zerocopy::{
    Immutable,
    IntoBytes, //
};

/// `VMA_END`.
pub(super) const END: u32 = 2;
/// `VMA_HEAP`.
pub(super) const HEAP: u32 = 1;
/// `VMA_STACK`.
pub(super) const STACK: u32 = 2;
/// `VMA_SPECIAL`.
pub(super) const SPECIAL: u32 = 3;

/// `struct vma_record`.
#[derive(FromBytes)]
#[cfg_attr(test, derive(Clone, Immutable, IntoBytes))]
#[repr(C)]
pub(super) struct Header {
    pub(super) kind: u32,
    pub(super) used_as: u32,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) pgoff: u64,
    pub(super) anon_pgoff: u64,
    pub(super) flags: u64,
    pub(super) mm: u64,
    pub(super) file: u64,
    pub(super) inode: u64,
    pub(super) anon_vma: u64,
    pub(super) anon_vma_root: u64,
    pub(super) uffd: u64,
    pub(super) write_count: u32,
    pub(super) name_length: u16,
    pub(super) has_policy: u8,
    pub(super) has_several_anon_vmas: u8,
    pub(super) has_close: u8,
    pub(super) has_waiters: u8,
    pub(super) padding: [u8; 6],
}

/// `struct vma_policy`.
#[derive(FromBytes)]
#[cfg_attr(test, derive(Clone, Immutable, IntoBytes))]
#[repr(C)]
pub(super) struct PolicyHeader {
    pub(super) mode: u32,
    pub(super) flags: u32,
    pub(super) home_node: i32,
    pub(super) padding: u32,
}

/// `struct vma_nodes`.
#[derive(FromBytes)]
#[cfg_attr(test, derive(Clone, Immutable, IntoBytes))]
#[repr(C)]
pub(super) struct NodeSet {
    pub(super) words: [u64; 16],
}

/// The modes for which policies with different nodes are different: MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE,
/// MPOL_PREFERRED_MANY, MPOL_WEIGHTED_INTERLEAVE.
pub(super) const MODES_WITH_NODES: [u32; 5] = [1, 2, 3, 5, 6];

/// The flags of policies that keep the requested nodes: MPOL_F_STATIC_NODES, MPOL_F_RELATIVE_NODES.
pub(super) const USER_NODES: u32 = 1 << 15 | 1 << 14;

// The sizes in vma.h.
const _: () = assert!(
    size_of::<Header>() == 112 && size_of::<PolicyHeader>() == 16 && size_of::<NodeSet>() == 128
);
