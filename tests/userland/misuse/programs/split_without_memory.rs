// SPDX-License-Identifier: GPL-2.0

//! A split is carried out without reserved memory.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::Splitting;

fn misuse(splitting: Splitting<'_, '_>) {
    let _ = splitting.commit();
    //~^ ERROR: no method named `commit` found
}

fn main() {}
