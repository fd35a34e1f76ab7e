// SPDX-License-Identifier: GPL-2.0

//! What can be said of two VMAs beside what the rules compare: names, policies, paths.

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

/// The longest path that is told, in bytes. Three of them fit into a piece of text, even if every byte is
/// told as an escape of six.
pub(crate) const LONGEST_PATH: usize = 512;

/// A VMA that can be described to people.
pub(crate) trait Described: Attributes {
    /// Its name, if it has one.
    fn name_in_bytes(&self) -> Option<&[u8]>;
    /// Its NUMA policy.
    fn policy_in_words(&self) -> PolicyInWords;
    /// Its anon_vma, if it has one.
    fn seen_anon_vma(&self) -> Option<SeenAnonVma>;
    /// What the kernel uses it for, if it maps no file.
    fn used_as(&self) -> Use<'_>;
    /// A number that the inode of the file that it maps has and no other, if it maps one.
    fn inode_number(&self) -> Option<usize>;
    /// The path of the file that it maps, written into `buffer`; nothing if it maps no file, or the path
    /// does not fit.
    fn path<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]>;

    /// The VMA as it may be at worst: all that was not to be seen of it is like that of no other VMA. Nothing if all of it
    /// was to be seen.
    fn at_worst(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// What a VMA that maps no file is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use<'a> {
    /// The kernel does not know.
    Unknown,
    /// The heap.
    Heap,
    /// The stack of the first thread.
    Stack,
    /// The kernel has mapped it, under this name: `[vdso]`.
    Special(&'a [u8]),
}

/// An anon_vma, as it was when it was looked at: it may come meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SeenAnonVma {
    /// A number that it has and no other.
    pub(crate) number: usize,
    /// That of the first one of all that forks have made of it.
    pub(crate) root: usize,
    /// Whether it was inherited by fork.
    pub(crate) is_forked: bool,
}

/// Room for the paths of two VMAs, of [`LONGEST_PATH`] bytes each.
pub(crate) struct Paths<'a> {
    /// For the path of `prev`.
    pub(crate) prev: &'a mut [u8],
    /// For the path of `next`.
    pub(crate) next: &'a mut [u8],
}

/// A VMA, and what can be told of it.
pub(crate) struct OneOfTwo<'a, V> {
    vma: &'a V,
    /// The file that it maps.
    pub(crate) file: MappedFile<'a>,
}

/// The file that a VMA maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MappedFile<'a> {
    /// No file.
    None,
    /// The file with this path.
    At(&'a [u8]),
    /// A file with a longer path than can be told.
    Unnamed,
}

/// The two VMAs.
pub(crate) struct Sides<'a, V> {
    /// The VMA below.
    pub(crate) prev: OneOfTwo<'a, V>,
    /// The VMA above.
    pub(crate) next: OneOfTwo<'a, V>,
    /// In what they differ. Files that do not were not looked at.
    pub(super) blockers: BlockerSet,
}

impl<'a, V: Described> Sides<'a, V> {
    /// Looks at the two VMAs, as closely as it takes to tell why they are not mergeable.
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
    /// Looks at a VMA by itself, with room for its path.
    pub(crate) fn alone(vma: &'a V, path: &'a mut [u8]) -> Self {
        let file = file_of(vma, path);
        Self { vma, file }
    }

    /// Where it lies.
    pub(super) fn range(&self) -> Range {
        self.vma.extent().range
    }

    /// Its flags.
    pub(super) fn flags(&self) -> VmaFlags {
        self.vma.vma_flags()
    }

    /// The rights to it.
    pub(super) fn rights(&self) -> Rights {
        Rights::of(self.flags())
    }

    /// Whether it maps a file.
    pub(super) fn maps_a_file(&self) -> bool {
        self.vma.file().is_some()
    }

    /// What it is used for, if it maps no file.
    pub(super) fn used_as(&self) -> Use<'a> {
        self.vma.used_as()
    }

    /// Its name, if it has one.
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        self.vma.name_in_bytes()
    }

    /// Its NUMA policy.
    pub(crate) fn policy(&self) -> PolicyInWords {
        self.vma.policy_in_words()
    }
}

/// A NUMA policy, written as in numa_maps, but that nodes are listed one by one, and that the home node follows:
/// `bind=static:0,1 home:1`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PolicyInWords {
    /// Its mode, as system calls number them.
    pub(crate) mode: u32,
    /// The flags of its mode, likewise.
    pub(crate) flags: u32,
    /// Its nodes, a bit for each.
    pub(crate) nodes: usize,
    /// Its home node, if it has one.
    pub(crate) home: Option<u32>,
}

/// The names of the modes of policies in numa_maps, in the order of their numbers.
pub(crate) const POLICY_MODES: [&str; 7] = [
    "default",
    "prefer",
    "bind",
    "interleave",
    "local",
    "prefer (many)",
    "weighted interleave",
];

/// The names of the flags of modes there.
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
