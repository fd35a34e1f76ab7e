// SPDX-License-Identifier: GPL-2.0

//! A VMA is used after another VMA has taken it over.

#[path = "../../../../rust/vma/mod.rs"]
mod vma;
#[path = "../../../../rust/vocabulary.rs"]
mod vocabulary;

use vma::{
    extent::Range,
    merge::Change,
    sys::{
        Asking,
        Growth,
        Site, //
    },
};

fn misuse(mut site: Site<'_, '_>, part: Range) {
    let change = Change::default();
    let asking = Asking::about(&mut site, part, &change);
    let (mut cursor, prev, middle, next) = site.into_parts();
    let Ok(takeover) = asking.takeover(prev, &middle, next) else {
        return;
    };
    let growth = Growth::of(&asking, takeover, middle);
    let Ok(prepared) = growth.prepare(&mut cursor) else {
        return;
    };
    prepared.commit();
    drop(middle.alone());
    //~^ ERROR: use of moved value: `middle`
}

fn main() {}
