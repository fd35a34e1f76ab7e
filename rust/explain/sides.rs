// SPDX-License-Identifier: GPL-2.0

//! What can be said of the two VMAs of a pair beside what the rules compare: names, policies, paths.

use super::Pair;
use crate::{
    sys::process::{
        name_of,
        path_of,
        Placement, //
    },
    vma::{
        compat::{
            Attributes,
            Blocker, //
        },
        sys::VmaRef,
    },
};
use kernel::{
    prelude::*,
    str::CStr, //
};

/// The longest path that is told, in bytes. Two of them fit into a piece of text, even if every byte is
/// told as an escape of six.
const LONGEST_PATH: usize = 512;

/// Room for two paths.
pub(crate) struct Paths {
    lower: KVec<u8>,
    upper: KVec<u8>,
}

impl Paths {
    /// Room for two paths. Fails with `ENOMEM`.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            lower: KVec::from_elem(0, LONGEST_PATH, GFP_KERNEL)?,
            upper: KVec::from_elem(0, LONGEST_PATH, GFP_KERNEL)?,
        })
    }
}

/// What a VMA of a pair has that the other one does not.
pub(crate) struct Side<'a> {
    vma: &'a VmaRef,
    /// What it maps.
    pub(crate) file: File<'a>,
}

/// What a VMA maps.
#[derive(Clone, Copy)]
pub(crate) enum File<'a> {
    /// No file.
    None,
    /// The file with this path.
    At(&'a [u8]),
    /// A file with a longer path than can be told.
    Unnamed,
}

/// The two VMAs.
pub(crate) struct Sides<'a> {
    /// The lower one.
    pub(crate) lower: Side<'a>,
    /// The upper one.
    pub(crate) upper: Side<'a>,
}

impl<'a> Sides<'a> {
    /// Looks at the two VMAs of the pair, as closely as it takes to tell what keeps them apart.
    pub(crate) fn of(
        pair: &Pair,
        lower: &'a VmaRef,
        upper: &'a VmaRef,
        paths: &'a mut Paths,
    ) -> Self {
        let files_differ = pair.blockers.contains(Blocker::File);
        Self {
            lower: Side::of(lower, files_differ, &mut paths.lower),
            upper: Side::of(upper, files_differ, &mut paths.upper),
        }
    }
}

impl<'a> Side<'a> {
    fn of(vma: &'a VmaRef, file_matters: bool, path: &'a mut [u8]) -> Self {
        let file = if !file_matters || vma.file().is_none() {
            File::None
        } else {
            path_of(vma, path).map_or(File::Unnamed, File::At)
        };
        Self { vma, file }
    }

    /// Its name, if it has one.
    pub(crate) fn name(&self) -> Option<&'a CStr> {
        name_of(self.vma)
    }

    /// Its NUMA policy.
    pub(crate) fn placement(&self) -> Placement {
        Placement::of(self.vma)
    }
}
