// SPDX-License-Identifier: GPL-2.0

//! A VMA that another has taken over.

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
    let (_, Some(prev), middle, _) = site.into_parts() else {
        return;
    };
    let takers = Takers::Prev(prev, Unjoined::Blocked(Blocker::NotAdjacent));
    let growth = Growth::of(takers, middle, part);
    drop(middle.alone());
    //~^ ERROR: use of moved value: `middle`
    drop(growth);
}

fn main() {}
