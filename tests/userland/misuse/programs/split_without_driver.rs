// SPDX-License-Identifier: GPL-2.0

//! A split is carried out without the consent of the driver.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::{
    Cursor,
    Splitting, //
};

fn misuse<'g>(splitting: Splitting<'_, 'g>, cursor: &mut Cursor<'_, 'g>) {
    let _ = splitting.prepare(cursor);
    //~^ ERROR: no method named `prepare` found
}

fn main() {}
