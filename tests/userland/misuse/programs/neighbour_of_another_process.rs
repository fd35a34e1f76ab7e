// SPDX-License-Identifier: GPL-2.0

//! A VMA of one process grows in the tree of another process.

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
        MmapWriteGuard,
        Site, //
    },
};

fn change_of<'i, 'g>(mut site: Site<'i, 'g>, part: Range) -> Option<Growth<'i, 'g>> {
    let change = Change::default();
    let asking = Asking::about(&mut site, part, &change);
    let (_, prev, middle, next) = site.into_parts();
    let takeover = asking.takeover(prev, &middle, next).ok()?;
    Some(Growth::of(&asking, takeover, middle))
}

fn misuse(ours: &mut MmapWriteGuard<'_>, theirs: &mut MmapWriteGuard<'_>, part: Range) {
    ours.with_iter_at(0, |ours| {
        theirs.with_iter_at(0, |theirs| {
            let (Some(ours), Some(theirs)) = (ours.site_at(0), theirs.site_at(0)) else {
                //~^ ERROR: borrowed data escapes outside of closure
                //~| ERROR: borrowed data escapes outside of closure
                return;
            };
            let (mut cursor, _, _, _) = ours.into_parts();
            drop(change_of(theirs, part).map(|growth| growth.prepare(&mut cursor)));
        })
    });
}

fn main() {}
