// SPDX-License-Identifier: GPL-2.0

//! A VMA takes over the one that is not beside it.

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
        Site, //
    },
};

fn misuse(site: Site<'_, '_>, part: Range) {
    let (_, Some(prev), _, Some(next)) = site.into_parts() else {
        return;
    };
    let takers = Takers::Prev(prev, Unjoined::Blocked(Blocker::NotAdjacent));
    drop(Growth::of(takers, next, part));
    //~^ ERROR: mismatched types
}

fn main() {}
