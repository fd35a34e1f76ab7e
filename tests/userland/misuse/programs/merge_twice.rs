// SPDX-License-Identifier: GPL-2.0

//! One merge is carried out twice.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::sys::{
    Cursor,
    Growth, //
};

fn misuse<'i, 'g>(growth: Growth<'i, 'g>, cursor: &mut Cursor<'i, 'g>) {
    let Ok(prepared) = growth.prepare(cursor) else {
        return;
    };
    prepared.commit();
    prepared.commit();
    //~^ ERROR: use of moved value: `prepared`
}

fn main() {}
