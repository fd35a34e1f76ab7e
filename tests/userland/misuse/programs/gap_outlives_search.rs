// SPDX-License-Identifier: GPL-2.0

//! A gap is filled after another gap was looked for, and perhaps filled.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    compat::{
        Candidate,
        Joining, //
    },
    extent::Range,
    sys::{
        GapTakeover,
        VmaIter,
        VmaRef, //
    },
};

fn misuse(iter: &mut VmaIter<'_>, one: Range, two: Range, candidate: Candidate<'_, VmaRef>) {
    let Some(gap) = iter.gap_at(one) else {
        return;
    };
    iter.gap_at(two);
    //~^ ERROR: cannot borrow `*iter` as mutable more than once at a time
    drop(GapTakeover::of(gap, candidate, Joining::EitherSide));
}

fn main() {}
