// SPDX-License-Identifier: GPL-2.0

//! Two VMAs grow over the same gap.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    compat::Blocker,
    extent::Extent,
    plan::{
        Takers,
        Unjoined, //
    },
    sys::{
        Expansion,
        Gap, //
    },
};

fn misuse(gap: Gap<'_, '_>, offsets: Extent) {
    let (_, Some(prev), free, Some(next)) = gap.into_parts() else {
        return;
    };
    let up = Takers::Prev(prev, Unjoined::Blocked(Blocker::NotAdjacent));
    let down = Takers::Next(next, Blocker::NotAdjacent);
    drop(Expansion::of(up, free, offsets));
    drop(Expansion::of(down, free, offsets));
    //~^ ERROR: use of moved value: `free`
}

fn main() {}
