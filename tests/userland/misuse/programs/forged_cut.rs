// SPDX-License-Identifier: GPL-2.0

//! A cut of one VMA is forged for another VMA.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    cut::Split,
    sys::{
        Splitting,
        Vma, //
    },
};

fn misuse<'i, 'g>(vma: Vma<'i, 'g>, split: Split) -> Splitting<'i, 'g> {
    Splitting { vma, split }
    //~^ ERROR: fields `vma` and `split` of struct `Splitting` are private
}

fn main() {}
