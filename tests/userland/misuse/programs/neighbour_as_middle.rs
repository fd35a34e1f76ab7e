// SPDX-License-Identifier: GPL-2.0

//! A VMA is cut that is known only as the neighbour of a site.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    compat::Side,
    sys::{
        Site,
        Splitting, //
    },
};

fn misuse(site: Site<'_, '_>, addr: usize) {
    let (_, _, middle, Some(next)) = site.into_parts() else {
        return;
    };
    drop(Splitting::at(next, addr, Side::Above));
    //~^ ERROR: mismatched types
    drop(middle);
}

fn main() {}
