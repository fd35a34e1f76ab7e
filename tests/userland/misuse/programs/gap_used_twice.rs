// SPDX-License-Identifier: GPL-2.0

//! Two VMAs grow over the same gap.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    compat::{
        Candidate,
        Joining, //
    },
    sys::{
        Gap,
        GapTakeover,
        VmaRef, //
    },
};

fn misuse(gap: Gap<'_, '_>, one: Candidate<'_, VmaRef>, two: Candidate<'_, VmaRef>) {
    drop(GapTakeover::of(gap, one, Joining::EitherSide));
    drop(GapTakeover::of(gap, two, Joining::EitherSide));
    //~^ ERROR: use of moved value: `gap`
}

fn main() {}
