// SPDX-License-Identifier: GPL-2.0

//! Descriptions of two VMAs for people: names, policies, paths.

use super::{
    rights::Rights,
    Boundary, //
};
use crate::vma::{
    compat::{
        Attributes,
        Blocker,
        BlockerSet, //
    },
    extent::Range,
    flags::VmaFlags, //
};
use core::fmt;

/// The length of the longest path that is reported, in bytes. Three such paths fit into a piece of text, even if
/// every byte becomes an escape of six bytes.
pub(crate) const LONGEST_PATH: usize = 512;

/// A VMA that can be described to people.
pub(crate) trait Described: Attributes {
    /// Returns the name of the VMA, if it has one.
    fn name_in_bytes(&self) -> Option<&[u8]>;
    /// Returns the NUMA policy of the VMA.
    fn policy_in_words(&self) -> PolicyInWords;
    /// Returns the anon_vma of the VMA, if it has one.
    fn seen_anon_vma(&self) -> Option<SeenAnonVma>;
    /// Returns the purpose of the VMA, if the VMA maps no file.
    fn used_as(&self) -> Use<'_>;
    /// Returns a number that is unique to the inode of the mapped file, if the VMA maps one.
    fn inode_number(&self) -> Option<usize>;
    /// Writes the path of the mapped file into `buffer`, and returns it. Returns `None` if the VMA maps no file, or
    /// the path does not fit.
    fn path<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]>;

    /// Returns the worst case of the VMA: every property that could not be seen differs from that of all other VMAs.
    /// Returns `None` if every property could be seen.
    fn at_worst(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// The purpose of a VMA that maps no file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use<'a> {
    /// A purpose that the kernel does not know.
    Unknown,
    /// The heap.
    Heap,
    /// The stack of the first thread.
    Stack,
    /// A mapping by the kernel, under this name: `[vdso]`.
    Special(&'a [u8]),
}

/// The anon_vma that a VMA had when it was read. A page fault may add one later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SeenAnonVma {
    /// A number that is unique to the anon_vma.
    pub(crate) number: usize,
    /// The number of the root anon_vma, from which forks have derived this one.
    pub(crate) root: usize,
    /// Whether the anon_vma was inherited by fork.
    pub(crate) is_forked: bool,
}

/// Buffers for the paths of two VMAs, of [`LONGEST_PATH`] bytes each.
pub(crate) struct Paths<'a> {
    /// The buffer for the path of `prev`.
    pub(crate) prev: &'a mut [u8],
    /// The buffer for the path of `next`.
    pub(crate) next: &'a mut [u8],
}

/// One of two VMAs, and its description.
pub(crate) struct OneOfTwo<'a, V> {
    vma: &'a V,
    /// The file that the VMA maps.
    pub(crate) file: MappedFile<'a>,
}

/// The file that a VMA maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MappedFile<'a> {
    /// No file.
    None,
    /// The file with this path.
    At(&'a [u8]),
    /// A file whose path is too long to be reported.
    Unnamed,
}

/// The VMAs on both sides of a boundary.
pub(crate) struct Sides<'a, V> {
    /// The VMA below.
    pub(crate) prev: OneOfTwo<'a, V>,
    /// The VMA above.
    pub(crate) next: OneOfTwo<'a, V>,
    /// The blockers between the two. Paths are looked up only if the files differ.
    pub(super) blockers: BlockerSet,
}

impl<'a, V: Described> Sides<'a, V> {
    /// Describes the two VMAs with the details that explain why they are not mergeable.
    pub(crate) fn of(boundary: &Boundary, prev: &'a V, next: &'a V, paths: Paths<'a>) -> Self {
        let files_differ = boundary.blockers.contains(Blocker::File);
        let side = |vma: &'a V, path: &'a mut [u8]| OneOfTwo {
            vma,
            file: if files_differ {
                file_of(vma, path)
            } else {
                MappedFile::None
            },
        };
        Self {
            prev: side(prev, paths.prev),
            next: side(next, paths.next),
            blockers: boundary.blockers,
        }
    }
}

fn file_of<'a>(vma: &impl Described, path: &'a mut [u8]) -> MappedFile<'a> {
    if vma.file().is_none() {
        return MappedFile::None;
    }
    vma.path(path).map_or(MappedFile::Unnamed, MappedFile::At)
}

impl<'a, V: Described> OneOfTwo<'a, V> {
    /// Describes a single VMA. `path` is a buffer for its path.
    pub(crate) fn alone(vma: &'a V, path: &'a mut [u8]) -> Self {
        let file = file_of(vma, path);
        Self { vma, file }
    }

    /// Returns the range of the VMA.
    pub(super) fn range(&self) -> Range {
        self.vma.extent().range
    }

    /// Returns the flags of the VMA.
    pub(super) fn flags(&self) -> VmaFlags {
        self.vma.vma_flags()
    }

    /// Returns the access rights to the VMA.
    pub(super) fn rights(&self) -> Rights {
        Rights::of(self.flags())
    }

    /// Returns whether the VMA maps a file.
    pub(super) fn maps_a_file(&self) -> bool {
        self.vma.file().is_some()
    }

    /// Returns the purpose of the VMA, if it maps no file.
    pub(super) fn used_as(&self) -> Use<'a> {
        self.vma.used_as()
    }

    /// Returns the name of the VMA, if it has one.
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        self.vma.name_in_bytes()
    }

    /// Returns the NUMA policy of the VMA.
    pub(crate) fn policy(&self) -> PolicyInWords {
        self.vma.policy_in_words()
    }
}

/// A NUMA policy, written as in numa_maps, except that nodes are listed one by one and the home node follows:
/// `bind=static:0,1 home:1`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PolicyInWords {
    /// The mode of the policy, as system calls number it.
    pub(crate) mode: u32,
    /// The flags of the mode, as system calls number them.
    pub(crate) flags: u32,
    /// The nodes of the policy, one bit each.
    pub(crate) nodes: usize,
    /// The home node, if there is one.
    pub(crate) home: Option<u32>,
}

/// The names of policy modes in numa_maps, in the order of their numbers.
pub(crate) const POLICY_MODES: [&str; 7] = [
    "default",
    "prefer",
    "bind",
    "interleave",
    "local",
    "prefer (many)",
    "weighted interleave",
];

/// The bits and names of mode flags in numa_maps.
pub(crate) const POLICY_FLAGS: [(u32, &str); 3] = [
    (1 << 15, "static"),
    (1 << 14, "relative"),
    (1 << 13, "balancing"),
];

impl fmt::Display for PolicyInWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = POLICY_MODES.get(self.mode as usize).copied();
        f.write_str(mode.unwrap_or("unknown"))?;
        let mut separator = "=";
        for (_, flag) in POLICY_FLAGS.iter().filter(|(bit, _)| self.flags & bit != 0) {
            write!(f, "{separator}{flag}")?;
            separator = "|";
        }
        let mut separator = ":";
        for node in (0..usize::BITS).filter(|node| self.nodes & 1 << node != 0) {
            write!(f, "{separator}{node}")?;
            separator = ",";
        }
        match self.home {
            Some(node) => write!(f, " home:{node}"),
            None => Ok(()),
        }
    }
}
