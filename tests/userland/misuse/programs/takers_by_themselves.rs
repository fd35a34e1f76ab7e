// SPDX-License-Identifier: GPL-2.0

//! VMAs merge without a check of the rules.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    compat::Blocker,
    plan::{
        Plan,
        Takers,
        Unjoined, //
    },
    sys::{
        Growth,
        Site, //
    },
};

fn misuse<'i, 'g>(site: Site<'i, 'g>, plan: Plan) -> Option<Growth<'i, 'g>> {
    let (_, prev, middle, _) = site.into_parts();
    let takers = Takers::Prev(prev?, Unjoined::Blocked(Blocker::File));
    Some(Growth {
        takers,
        //~^ ERROR: fields `takers`, `middle` and `plan` of struct `Growth` are private
        middle,
        plan,
    })
}

fn main() {}
