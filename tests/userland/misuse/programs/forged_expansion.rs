// SPDX-License-Identifier: GPL-2.0

//! A VMA expands over arbitrary addresses.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    extent::Extent,
    sys::{
        Expansion,
        Vma, //
    },
};

fn misuse<'i, 'g>(vma: Vma<'i, 'g>, to: Extent) -> Expansion<'i, 'g> {
    Expansion {
        vma,
        //~^ ERROR: fields `vma`, `to` and `removed` of struct `Expansion` are private
        to,
        removed: None,
    }
}

fn main() {}
