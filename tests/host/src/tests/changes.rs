// SPDX-License-Identifier: GPL-2.0

//! A part of a VMA, with any of the four changeable attributes changed.

use super::fake::{
    extent,
    for_each_state,
    Fake, //
};
use crate::vma::{
    change::Change,
    compat::{
        Attributes,
        Source, //
    },
    extent::{
        Range,
        PAGE_SIZE, //
    },
    flags::{
        self,
        VmaFlags, //
    },
};

#[test]
fn named_attributes_change_and_the_rest_stays() {
    let middle = Fake {
        flags: flags::SHARED,
        file: Some(1),
        anon_vma: Some(2),
        policy: 3,
        userfaultfd: 4,
        name: 1,
        ..Fake::at(extent(10, 20, 100, 200))
    };
    let count = for_each_state([2, 2, 2, 2, 10, 11], |state| {
        let [new_flags, policy, name, context, first, last] = state;
        if first + 1 > last {
            return;
        }
        let change = Change {
            flags: (new_flags == 1).then_some(flags::DONTDUMP),
            policy: (policy == 1).then_some(13),
            name: (name == 1).then_some(2),
            userfaultfd_context: (context == 1).then_some(14),
        };
        let (first, last) = (10 + first, 10 + last);
        let range = Range::new(first * PAGE_SIZE, last * PAGE_SIZE).expect("pages in order");
        let part = change.of(&middle, range);
        assert_eq!(part.extent, extent(first, last, 90 + first, 190 + first));
        let pick = |new: usize, then, now| if new == 1 { then } else { now };
        assert_eq!(part.policy, pick(policy, 13, 3));
        assert_eq!(part.name, pick(name, 2, 1));
        assert_eq!(part.userfaultfd_context, pick(context, 14, 4));
        let expected = [flags::SHARED, flags::DONTDUMP][new_flags];
        assert_eq!(part.flags, expected);
        assert_eq!(change.flags_of(&middle), expected);
        // No change affects these.
        assert_eq!((part.file, part.anon_vma), (Some(1), Some(2)));
        assert!(matches!(part.source, Source::Leaving(vma) if std::ptr::eq(vma, &middle)));
    });
    assert_eq!(count, 1760);
}

#[test]
fn nothing_is_named_at_first() {
    let middle = Fake {
        flags: VmaFlags::of(&[0, 1]),
        policy: 3,
        userfaultfd: 4,
        name: 1,
        ..Fake::at(extent(10, 20, 100, 200))
    };
    let part = Change::default().of(&middle, middle.extent().range);
    assert_eq!(part.extent, middle.extent);
    assert_eq!(part.flags, middle.flags);
    assert_eq!(
        (part.policy, part.name, part.userfaultfd_context),
        (3, 1, 4)
    );
}
