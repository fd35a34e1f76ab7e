// SPDX-License-Identifier: GPL-2.0

//! The rules are applied to one VMA, and another one merges.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    extent::Range,
    merge::Change,
    sys::{
        Asking,
        VmaIter, //
    },
};

fn misuse(iter: &mut VmaIter<'_>, part: Range) -> Option<()> {
    let change = Change::default();
    let asking = Asking::about(&mut iter.site_at(0)?, part, &change);
    let (_, prev, middle, next) = iter.site_at(4096)?.into_parts();
    //~^ ERROR: cannot borrow `*iter` as mutable more than once at a time
    asking.takeover(prev, &middle, next).ok().map(drop)
}

fn main() {}
