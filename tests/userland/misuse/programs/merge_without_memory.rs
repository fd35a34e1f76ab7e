// SPDX-License-Identifier: GPL-2.0

//! A merge is carried out without reserved memory.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::Growth;

fn misuse(growth: Growth<'_, '_>) {
    growth.commit();
    //~^ ERROR: no method named `commit` found
}

fn main() {}
