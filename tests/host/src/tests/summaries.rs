// SPDX-License-Identifier: GPL-2.0

//! What it all amounts to, for people and for programs, word by word.

use super::fake::{
    extent,
    Fake, //
};
use crate::{
    bounded::Bounded,
    explain::{
        json,
        text,
        Pair,
        Tally, //
    },
    vma::flags::VmaFlags,
};

fn both(vmas: &[Fake]) -> [String; 2] {
    let mut tally = Tally::new();
    let mut last: Option<&Fake> = None;
    for vma in vmas {
        let pair = last.and_then(|last| Pair::of(last, vma));
        tally.add(last, vma, pair.as_ref());
        last = Some(vma);
    }
    tally.end_run();
    let said = |say: &dyn Fn(&mut Bounded<Vec<u8>>) -> bool| {
        let mut text = Bounded::new(vec![0; 4000]);
        assert!(say(&mut text));
        let length = text.as_bytes().len();
        // Without room for all of it, it is refused.
        for room in 0..length {
            assert!(!say(&mut Bounded::new(vec![0; room])));
        }
        String::from_utf8(text.as_bytes().to_vec()).expect("ASCII")
    };
    [
        said(&|out| text::summary(&tally, 65530, out).is_ok()),
        said(&|out| json::summary(&tally, 65530, out).is_ok()),
    ]
}

/// A VMA of one page with these flags.
fn page(number: usize, bits: &[u32]) -> Fake {
    Fake {
        flags: VmaFlags::of(bits),
        ..Fake::at(extent(number, number + 1, number, number))
    }
}

#[test]
fn nobody() {
    let [for_people, for_programs] = both(&[]);
    assert_eq!(
        for_people,
        "nothing keeps VMAs apart that touch\n\
         0 VMAs of at most 65530 (vm.max_map_count); 0 pairs touch, 0 of them are mergeable\n"
    );
    assert_eq!(
        for_programs,
        "{\"vmas\":0,\"max_map_count\":65530,\"touching\":0,\"mergeable\":0,\"remaining\":0,\
         \"causes\":[],\"runs\":[]}\n"
    );
}

#[test]
fn mergeable_ones() {
    let [for_people, for_programs] = both(&[page(1, &[]), page(2, &[]), page(9, &[])]);
    assert_eq!(
        for_people,
        "nothing keeps VMAs apart that touch\n\
         3 VMAs of at most 65530 (vm.max_map_count); 1 pairs touch, 1 of them are mergeable\n\
         2 VMAs would remain if those that are mergeable merged\n"
    );
    assert_eq!(
        for_programs,
        "{\"vmas\":3,\"max_map_count\":65530,\"touching\":1,\"mergeable\":1,\"remaining\":2,\
         \"causes\":[],\"runs\":[]}\n"
    );
}

#[test]
fn one_cause() {
    // Alternating, with a mergeable pair at the end, which is none of those that are apart.
    let vmas = [
        page(1, &[]),
        page(2, &[17]),
        page(3, &[]),
        page(4, &[17]),
        page(5, &[17]),
    ];
    let [for_people, for_programs] = both(&vmas);
    assert_eq!(
        for_people,
        "main cause: MADV_DONTFORK, in 3 of 3 pairs (100%); without it, 1 VMA would remain, not 4\n\
         5 VMAs of at most 65530 (vm.max_map_count); 4 pairs touch, 1 of them are mergeable\n\
         4 VMAs would remain if those that are mergeable merged\n\
         \x20    pairs  by itself  would remain\n\
         \x20        3          3             1  MADV_DONTFORK\n\
         longest runs\n\
         000000001000-000000005000 4 VMAs: MADV_DONTFORK\n"
    );
    assert_eq!(
        for_programs,
        "{\"vmas\":5,\"max_map_count\":65530,\"touching\":4,\"mergeable\":1,\"remaining\":4,\
         \"causes\":[{\"cause\":\"MADV_DONTFORK\",\"pairs\":3,\"alone\":3,\"without\":1}],\
         \"runs\":[{\"range\":[\"1000\",\"5000\"],\"vmas\":4,\"causes\":[\"MADV_DONTFORK\"]}]}\n"
    );
}

#[test]
fn several_causes() {
    let vmas = [
        page(1, &[]),
        page(2, &[17, 26]),
        page(3, &[26]),
        page(4, &[]),
    ];
    let [for_people, for_programs] = both(&vmas);
    assert_eq!(
        for_people,
        "main cause: MADV_DONTFORK, in 2 of 3 pairs (66%); without it, 3 VMAs would remain, not 4\n\
         4 VMAs of at most 65530 (vm.max_map_count); 3 pairs touch, 0 of them are mergeable\n\
         \x20    pairs  by itself  would remain\n\
         \x20        2          1             3  MADV_DONTFORK\n\
         \x20        2          1             3  MADV_DONTDUMP\n\
         longest runs\n\
         000000001000-000000003000 2 VMAs: MADV_DONTFORK, MADV_DONTDUMP\n\
         000000002000-000000004000 2 VMAs: MADV_DONTFORK\n\
         000000003000-000000005000 2 VMAs: MADV_DONTDUMP\n"
    );
    assert_eq!(
        for_programs,
        "{\"vmas\":4,\"max_map_count\":65530,\"touching\":3,\"mergeable\":0,\"remaining\":4,\
         \"causes\":[{\"cause\":\"MADV_DONTFORK\",\"pairs\":2,\"alone\":1,\"without\":3},\
         {\"cause\":\"MADV_DONTDUMP\",\"pairs\":2,\"alone\":1,\"without\":3}],\
         \"runs\":[{\"range\":[\"1000\",\"3000\"],\"vmas\":2,\
         \"causes\":[\"MADV_DONTFORK\",\"MADV_DONTDUMP\"]},\
         {\"range\":[\"2000\",\"4000\"],\"vmas\":2,\"causes\":[\"MADV_DONTFORK\"]},\
         {\"range\":[\"3000\",\"5000\"],\"vmas\":2,\"causes\":[\"MADV_DONTDUMP\"]}]}\n"
    );
}

#[test]
fn no_cause_is_enough_by_itself() {
    let vmas = [page(1, &[]), page(2, &[17, 26]), page(3, &[])];
    let [for_people, _] = both(&vmas);
    assert!(for_people.starts_with(
        "main cause: MADV_DONTFORK, in 2 of 2 pairs (100%); but no cause is enough by itself to keep \
         any apart\n\
         3 VMAs of at most 65530"
    ));
}
