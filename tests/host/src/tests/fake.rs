// SPDX-License-Identifier: GPL-2.0

//! A VMA that consists only of the attributes that the rules compare and that people are told.

use crate::{
    explain::{
        Described,
        PolicyInWords,
        SeenAnonVma,
        Use,
        LONGEST_PATH, //
    },
    vma::{
        compat::Attributes,
        extent::{
            Extent,
            PageOffset,
            Range,
            PAGE_SIZE, //
        },
        flags::VmaFlags, //
    },
};

#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) extent: Extent,
    pub(crate) flags: VmaFlags,
    pub(crate) file: Option<u8>,
    pub(crate) anon_vma: Option<u8>,
    /// The possible anon_vma of the VMA, if it could not be seen.
    pub(crate) unseen_anon_vma: Option<u8>,
    pub(crate) forked: bool,
    /// The number of the anon_vma from which forks made this one, if this one is not the first itself.
    pub(crate) root: Option<u8>,
    /// The number of the file's inode, if it differs from that of the file.
    pub(crate) inode: Option<u8>,
    pub(crate) policy: u8,
    pub(crate) userfaultfd: u8,
    pub(crate) name: u8,
    /// The use that the kernel makes of the VMA, if it maps no file.
    pub(crate) used_as: Use<'static>,
    pub(crate) loses_userfaultfd: bool,
    pub(crate) closes: bool,
}

impl Fake {
    /// Returns a VMA without any attributes.
    pub(crate) fn at(extent: Extent) -> Self {
        Self {
            extent,
            flags: VmaFlags::EMPTY,
            file: None,
            anon_vma: None,
            unseen_anon_vma: None,
            forked: false,
            root: None,
            inode: None,
            policy: 0,
            userfaultfd: 0,
            name: 0,
            used_as: Use::Unknown,
            loses_userfaultfd: false,
            closes: false,
        }
    }
}

impl Attributes for Fake {
    type File = u8;
    type AnonVma = u8;
    type UserfaultfdContext = u8;
    type Policy<'a> = u8;
    type Name<'a> = u8;

    fn extent(&self) -> Extent {
        self.extent
    }

    fn vma_flags(&self) -> VmaFlags {
        self.flags
    }

    fn file(&self) -> Option<u8> {
        self.file
    }

    fn anon_vma(&self) -> Option<u8> {
        self.anon_vma
    }

    fn has_forked_anon_vma(&self) -> bool {
        self.anon_vma.is_some() && self.forked
    }

    fn policy(&self) -> u8 {
        self.policy
    }

    fn has_policy_like<'a>(&self, policy: &u8) -> bool
    where
        Self: 'a,
    {
        self.policy == *policy
    }

    fn userfaultfd_context(&self) -> u8 {
        self.userfaultfd
    }

    fn name(&self) -> u8 {
        self.name
    }

    fn has_name_like<'a>(&self, name: &u8) -> bool
    where
        Self: 'a,
    {
        self.name == *name
    }

    fn loses_userfaultfd_when_moved(&self) -> bool {
        self.loses_userfaultfd
    }

    fn must_not_disappear(&self) -> bool {
        self.closes
    }
}

/// Names by number; zero stands for no name. The last one has every kind of byte that has to be escaped.
pub(crate) const NAMES: [Option<&[u8]>; 4] = [
    None,
    Some(b"one"),
    Some(b"a name"),
    Some(b"\"\\ \t\n\r\x01~\x7f\xff"),
];

/// Paths of files by number; `None` stands for a path that does not fit.
pub(crate) const PATHS: [Option<&[u8]>; 10] = [
    Some(b"/zero"),
    Some(b"/usr/lib/one"),
    Some(b"/quoted \"two\" \\ \x80\n"),
    None,
    Some(b"/dev/zero (deleted)"),
    Some(b"/dev/zero (deleted)"),
    Some(b"/memfd:ring (deleted)"),
    Some(b"/huge/pages"),
    Some(&[0xff; LONGEST_PATH]),
    Some(&[0xfe; LONGEST_PATH]),
];

impl Described for Fake {
    fn name_in_bytes(&self) -> Option<&[u8]> {
        NAMES[usize::from(self.name)]
    }

    fn policy_in_words(&self) -> PolicyInWords {
        // Two different policies may have the same words.
        let told = self.policy % 100;
        PolicyInWords {
            mode: u32::from(told),
            flags: 0,
            nodes: usize::from(told),
            home: None,
        }
    }

    fn seen_anon_vma(&self) -> Option<SeenAnonVma> {
        let number = self.anon_vma?;
        Some(SeenAnonVma {
            number: number.into(),
            root: self.root.unwrap_or(number).into(),
            is_forked: self.forked,
        })
    }

    fn used_as(&self) -> Use<'_> {
        assert_eq!(self.file, None, "nobody asks of a file");
        self.used_as
    }

    fn inode_number(&self) -> Option<usize> {
        let file = self.file?;
        Some(self.inode.unwrap_or(file).into())
    }

    fn path<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let path = PATHS[usize::from(self.file?)]?;
        buffer.get_mut(..path.len())?.copy_from_slice(path);
        buffer.get(..path.len())
    }

    fn at_worst(&self) -> Option<Self> {
        self.unseen_anon_vma.map(|number| Self {
            anon_vma: Some(number),
            ..self.clone()
        })
    }
}

/// Returns the extent from page `first` up to page `last`, which is not part of it, with the offsets of the
/// first page.
pub(crate) fn extent(first: usize, last: usize, pgoff: usize, anon_pgoff: usize) -> Extent {
    Extent {
        range: Range::new(first * PAGE_SIZE, last * PAGE_SIZE).expect("pages in order"),
        pgoff: PageOffset::new(pgoff),
        anon_pgoff: PageOffset::new(anon_pgoff),
    }
}

/// Calls `visit` with every combination of digits below `sizes`, and returns the number of combinations.
pub(crate) fn for_each_state<const N: usize>(
    sizes: [usize; N],
    mut visit: impl FnMut([usize; N]),
) -> usize {
    let mut state = [0; N];
    let mut count = 0;
    loop {
        visit(state);
        count += 1;
        let mut place = 0;
        loop {
            if place == N {
                return count;
            }
            state[place] += 1;
            if state[place] < sizes[place] {
                break;
            }
            state[place] = 0;
            place += 1;
        }
    }
}

/// Numbers that look random, but are the same in each run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        // Xorshift, by Marsaglia.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % sides
    }
}
