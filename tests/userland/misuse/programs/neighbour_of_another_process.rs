// SPDX-License-Identifier: GPL-2.0

//! A VMA of one process takes over one of another.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    compat::Blocker,
    extent::Range,
    plan::{
        Takers,
        Unjoined, //
    },
    sys::{
        Growth,
        MmapWriteGuard, //
    },
};

fn misuse(ours: &mut MmapWriteGuard<'_>, theirs: &mut MmapWriteGuard<'_>, part: Range) {
    ours.with_iter_at(0, |ours| {
        theirs.with_iter_at(0, |theirs| {
            let (Some(ours), Some(theirs)) = (ours.site_at(0), theirs.site_at(0)) else {
                //~^ ERROR: borrowed data escapes outside of closure
                //~| ERROR: borrowed data escapes outside of closure
                return;
            };
            let (_, Some(prev), _, _) = ours.into_parts() else {
                return;
            };
            let (_, _, middle, _) = theirs.into_parts();
            let takers = Takers::Prev(prev, Unjoined::Blocked(Blocker::NotAdjacent));
            drop(Growth::of(takers, middle, part));
        })
    });
}

fn main() {}
