// SPDX-License-Identifier: GPL-2.0

//! A VMA, with all that the rules and the sentences need.

use crate::{
    explain::{
        Described,
        PolicyInWords,
        SeenAnonVma,
        Use, //
    },
    process::Process,
    vma::{
        compat::Attributes,
        extent::Extent,
        flags::VmaFlags, //
    },
};
use std::rc::Rc;

/// A VMA, as it was when it was examined.
#[derive(Clone)]
pub(crate) struct Record {
    /// Its addresses and page offsets.
    pub(crate) extent: Extent,
    /// Its flags, numbered as in Linux 7.3.
    pub(crate) flags: VmaFlags,
    /// The file that it maps.
    pub(crate) file: Option<OpenFile>,
    /// Its anon_vma.
    pub(crate) anon_vma: Option<SeenAnonVma>,
    /// A number for its userfaultfd context; zero if there is none.
    pub(crate) userfaultfd: u64,
    /// Its own NUMA policy, if it has one.
    pub(crate) policy: Shown<Rc<Policy>>,
    /// The use that the kernel makes of it, if it maps no file.
    pub(crate) used_as: UsedAs,
    /// The path of its file.
    pub(crate) path: Path,
    /// The name that the process gave it, if it gave one.
    pub(crate) name: Shown<Rc<[u8]>>,
    /// Whether its driver has a `close()`.
    pub(crate) has_close: bool,
    /// The VMA as it may be at worst, if the source does not show all of it.
    pub(crate) at_worst: Option<Box<Self>>,
}

/// The path of the file that a VMA maps.
#[derive(Clone)]
pub(crate) enum Path {
    /// The path as this process sees it.
    OfProcess(Rc<Process>),
    /// A known path.
    Known(Rc<[u8]>),
    /// The path is not known.
    NotKnown,
}

/// An open file, identified by unique numbers.
#[derive(Clone, Copy)]
pub(crate) struct OpenFile {
    /// The number of the open file description, if the source shows it.
    pub(crate) opening: Option<u64>,
    /// The number of the inode.
    pub(crate) inode: u64,
}

impl PartialEq for OpenFile {
    /// Returns whether two files are the same, or may be the same if the source does not show it.
    fn eq(&self, other: &Self) -> bool {
        let may_be_same = match (self.opening, other.opening) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        };
        self.inode == other.inode && may_be_same
    }
}

/// An attribute that a VMA may lack, and that a source may not show.
#[derive(Clone)]
pub(crate) enum Shown<T> {
    /// The VMA has this attribute.
    As(T),
    /// The VMA does not have the attribute.
    None,
    /// The source does not show whether the VMA has the attribute, or its value.
    Not,
}

impl<T: PartialEq> Shown<T> {
    /// Returns whether two attributes are the same, or may be the same if the source does not show it.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::As(one), Self::As(other)) => one == other,
            (Self::None, Self::None) | (Self::Not, _) | (_, Self::Not) => true,
            (Self::As(_), Self::None) | (Self::None, Self::As(_)) => false,
        }
    }
}

impl<T> Shown<T> {
    /// Returns the attribute, if the source shows that there is one.
    pub(crate) const fn shown(&self) -> Option<&T> {
        match self {
            Self::As(attribute) => Some(attribute),
            Self::None | Self::Not => None,
        }
    }
}

impl<T> From<Option<T>> for Shown<T> {
    fn from(attribute: Option<T>) -> Self {
        attribute.map_or(Self::None, Self::As)
    }
}

/// The parts of a NUMA policy in which two policies can differ.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The mode, MPOL_*.
    pub(crate) mode: u32,
    /// The flags, MPOL_F_*.
    pub(crate) flags: u32,
    /// The home node; negative if there is none.
    pub(crate) home_node: i32,
    /// The nodes, one bit each; empty for a mode without nodes.
    pub(crate) nodes: Vec<u64>,
    /// The requested nodes, if the flags say that they are kept.
    pub(crate) asked_for: Vec<u64>,
}

/// The use that the kernel makes of a VMA that maps no file.
#[derive(Clone)]
pub(crate) enum UsedAs {
    /// The use is not known.
    Unknown,
    /// The heap.
    Heap,
    /// The stack of the first thread.
    Stack,
    /// A special mapping of the kernel, with this name.
    Special(Rc<[u8]>),
}

impl Attributes for Record {
    type File = OpenFile;
    type AnonVma = usize;
    type UserfaultfdContext = u64;
    type Policy<'a> = &'a Shown<Rc<Policy>>;
    type Name<'a> = &'a Shown<Rc<[u8]>>;

    fn extent(&self) -> Extent {
        self.extent
    }

    fn vma_flags(&self) -> VmaFlags {
        self.flags
    }

    fn file(&self) -> Option<OpenFile> {
        self.file
    }

    fn anon_vma(&self) -> Option<usize> {
        self.anon_vma.map(|anon_vma| anon_vma.number)
    }

    fn has_forked_anon_vma(&self) -> bool {
        self.anon_vma.is_some_and(|anon_vma| anon_vma.is_forked)
    }

    fn policy(&self) -> &Shown<Rc<Policy>> {
        &self.policy
    }

    fn has_policy_like<'a>(&self, policy: &&'a Shown<Rc<Policy>>) -> bool
    where
        Self: 'a,
    {
        self.policy.is_like(policy)
    }

    fn userfaultfd_context(&self) -> u64 {
        self.userfaultfd
    }

    fn name(&self) -> &Shown<Rc<[u8]>> {
        &self.name
    }

    fn has_name_like<'a>(&self, name: &&'a Shown<Rc<[u8]>>) -> bool
    where
        Self: 'a,
    {
        self.name.is_like(name)
    }

    /// Returns false: no VMA moves here.
    fn loses_userfaultfd_when_moved(&self) -> bool {
        false
    }

    fn must_not_disappear(&self) -> bool {
        self.has_close
    }
}

impl Described for Record {
    fn name_in_bytes(&self) -> Option<&[u8]> {
        self.name.shown().map(|name| &**name)
    }

    fn policy_in_words(&self) -> PolicyInWords {
        match self.policy.shown() {
            Some(policy) => PolicyInWords {
                mode: policy.mode,
                flags: policy.flags & MODE_FLAGS,
                nodes: policy.nodes.first().copied().unwrap_or(0) as usize,
                home: u32::try_from(policy.home_node).ok(),
            },
            None => PolicyInWords {
                mode: 0,
                flags: 0,
                nodes: 0,
                home: None,
            },
        }
    }

    fn seen_anon_vma(&self) -> Option<SeenAnonVma> {
        self.anon_vma
    }

    fn used_as(&self) -> Use<'_> {
        match &self.used_as {
            UsedAs::Unknown => Use::Unknown,
            UsedAs::Heap => Use::Heap,
            UsedAs::Stack => Use::Stack,
            UsedAs::Special(name) => Use::Special(name),
        }
    }

    fn inode_number(&self) -> Option<usize> {
        self.file.map(|file| file.inode as usize)
    }

    fn path<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        self.file?;
        let path = match &self.path {
            Path::OfProcess(process) => Rc::from(process.mapped_path(self.extent.range)?),
            Path::Known(path) => Rc::clone(path),
            Path::NotKnown => return None,
        };
        // The buffer needs room for a NUL, as in the kernel.
        let place = buffer.get_mut(..=path.len())?.get_mut(..path.len())?;
        place.copy_from_slice(&path);
        Some(place)
    }

    fn at_worst(&self) -> Option<Self> {
        self.at_worst.as_deref().cloned()
    }
}

/// MPOL_F_STATIC_NODES, MPOL_F_RELATIVE_NODES, MPOL_F_NUMA_BALANCING: the flags that a program may set.
pub(crate) const MODE_FLAGS: u32 = 1 << 15 | 1 << 14 | 1 << 13;
