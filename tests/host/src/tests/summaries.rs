// SPDX-License-Identifier: GPL-2.0

//! Summaries, for people and for programs, word by word.

use super::{
    answers::tally_of_libraries,
    fake::{
        extent,
        Fake, //
    },
    tallies::{
        answer,
        tally,
        Tally, //
    },
};
use crate::{
    bounded::Bounded,
    explain::{
        about::Origin,
        form::{
            Form,
            LONGEST_PART, //
        },
        json::ForPrograms,
        text::ForPeople,
        About,
        Part,
        Scope,
        Walk, //
    },
    vma::flags::VmaFlags,
};

const PROCESS: Scope = Scope::Process {
    max_map_count: Some(65530),
};

fn parts() -> impl Iterator<Item = Part> {
    std::iter::successors(Some(Part::FIRST), |part| part.next())
}

fn both(vmas: &[Fake], scope: Scope) -> [String; 2] {
    both_after(vmas, scope, Walk::Undisturbed)
}

fn both_after(vmas: &[Fake], scope: Scope, walk: Walk) -> [String; 2] {
    told(
        vmas,
        &About {
            walk,
            ..about(scope)
        },
    )
}

/// Describes an undisturbed walk over the memory of a process, for the process that asked.
fn about(scope: Scope) -> About<'static> {
    About {
        pid: Some(77),
        command: b"a \"c\"\n",
        time: b"2026-11-29 16:30:00",
        scope,
        walk: Walk::Undisturbed,
        asked_by: None,
        origin: None,
    }
}

fn told(vmas: &[Fake], about: &About<'_>) -> [String; 2] {
    told_of(&tally(vmas), about)
}

fn told_of(tally: &Tally, about: &About<'_>) -> [String; 2] {
    let answer = answer(tally, about.scope.least(tally.vmas));
    let said = |say: &dyn Fn(Part, &mut Bounded<Vec<u8>>) -> bool| {
        let mut all = Vec::new();
        for part in parts() {
            let mut text = Bounded::new(vec![0; LONGEST_PART]);
            assert!(say(part, &mut text));
            let length = text.as_bytes().len();
            // Without room for the whole part, the part is refused.
            for room in 0..length {
                assert!(!say(part, &mut Bounded::new(vec![0; room])));
            }
            all.extend_from_slice(text.as_bytes());
        }
        String::from_utf8(all).expect("ASCII")
    };
    [
        said(&|part, out| ForPeople::summary(part, tally, &answer, about, out).is_ok()),
        said(&|part, out| ForPrograms::summary(part, tally, &answer, about, out).is_ok()),
    ]
}

/// Returns a VMA of one page with these flags.
fn page(number: usize, bits: &[u32]) -> Fake {
    Fake {
        flags: VmaFlags::of(bits),
        ..Fake::at(extent(number, number + 1, number, number))
    }
}

#[test]
fn nobody() {
    let [for_people, for_programs] = both(&[], PROCESS);
    assert_eq!(
        for_people,
        "nothing keeps VMAs apart\n\
         process 77 (a \"c\"\\n), 2026-11-29 16:30:00: 0 VMAs of at most 65530 (vm.max_map_count); \
         0 touch the next one, 0 are mergeable with it, 0 touch no other\n"
    );
    assert_eq!(
        for_programs,
        "{\"pid\":77,\"command\":\"a \\\"c\\\"\\u000a\",\"time\":\"2026-11-29 16:30:00\",\"walk\":\"undisturbed\",\
         \"asked_by\":null,\"answer\":[\"nothing keeps VMAs apart\"],\"vmas\":0,\"max_map_count\":65530,\"boundaries\":0,\
         \"touching\":0,\"mergeable\":0,\"alone\":0,\"remaining\":0,\"steps\":[],\"partial\":false,\"causes\":[],\"runs\":[],\
         \"unseen\":null,\"source\":null}\n"
    );
    // A range has no limit of its own.
    let [for_people, for_programs] = both(&[], Scope::Range);
    assert!(for_people.contains(": 0 VMAs in this range; 0 touch"));
    assert!(for_programs.contains("\"vmas\":0,\"max_map_count\":null,\"boundaries\":0,"));
}

#[test]
fn mergeable_ones() {
    let [for_people, for_programs] = both(&[page(1, &[]), page(2, &[])], PROCESS);
    assert_eq!(
        for_people,
        "nothing keeps VMAs apart\n\
         process 77 (a \"c\"\\n), 2026-11-29 16:30:00: 2 VMAs of at most 65530 (vm.max_map_count); \
         1 touch the next one, 1 are mergeable with it, 0 touch no other\n\
         1 VMA would remain if those that are mergeable merged\n"
    );
    assert_eq!(
        for_programs,
        "{\"pid\":77,\"command\":\"a \\\"c\\\"\\u000a\",\"time\":\"2026-11-29 16:30:00\",\"walk\":\"undisturbed\",\
         \"asked_by\":null,\"answer\":[\"nothing keeps VMAs apart\"],\"vmas\":2,\"max_map_count\":65530,\"boundaries\":1,\
         \"touching\":1,\"mergeable\":1,\"alone\":0,\"remaining\":1,\"steps\":[],\"partial\":false,\"causes\":[],\"runs\":[],\
         \"unseen\":null,\"source\":null}\n"
    );
}

#[test]
fn one_cause() {
    // Two kinds alternate, and the last two VMAs are mergeable.
    let vmas: Vec<Fake> = (0..10)
        .map(|number| page(number, if number % 2 == 0 { &[] } else { &[17] }))
        .chain([page(10, &[17])])
        .collect();
    let [for_people, for_programs] = both(&vmas, PROCESS);
    assert_eq!(
        for_people,
        "main cause: MADV_DONTFORK, at 9 of 9 boundaries (100%); without it, 1 VMA would remain, not 10\n\
         \x20 what helps: call madvise(MADV_DOFORK) when a buffer is no longer registered\n\
         \x20   set by madvise(MADV_DONTFORK); undone by madvise(MADV_DOFORK)\n\
         process 77 (a \"c\"\\n), 2026-11-29 16:30:00: 11 VMAs of at most 65530 (vm.max_map_count); \
         10 touch the next one, 1 are mergeable with it, 0 touch no other\n\
         10 VMAs would remain if those that are mergeable merged\n\
         boundaries  by itself  would remain\n\
         \x20        9          9             1  MADV_DONTFORK\n\
         longest runs\n\
         000000000000-00000000a000 10 VMAs: MADV_DONTFORK\n"
    );
    assert_eq!(
        for_programs,
        "{\"pid\":77,\"command\":\"a \\\"c\\\"\\u000a\",\"time\":\"2026-11-29 16:30:00\",\"walk\":\"undisturbed\",\
         \"asked_by\":null,\"answer\":[\"main cause: MADV_DONTFORK, at 9 of 9 boundaries (100%); without it, 1 VMA would remain, \
         not 10\"],\"vmas\":11,\"max_map_count\":65530,\"boundaries\":10,\"touching\":10,\"mergeable\":1,\"alone\":0,\
         \"remaining\":10,\"steps\":[{\"causes\":[\"MADV_DONTFORK\"],\"boundaries\":9,\
         \"remaining\":1,\"if_one_stays\":10}],\"partial\":false,\
         \"causes\":[{\"cause\":\"MADV_DONTFORK\",\"boundaries\":9,\"by_itself\":9,\"without\":1}],\
         \"runs\":[{\"range\":[\"0\",\"a000\"],\"vmas\":10,\"causes\":[\"MADV_DONTFORK\"]}],\
         \"unseen\":null,\"source\":null}\n"
    );
}

/// Flags that occur together, and then holes.
#[test]
fn several_causes() {
    let mut vmas: Vec<Fake> = (0..20)
        .map(|number| page(number, if number % 2 == 0 { &[] } else { &[17, 26] }))
        .collect();
    vmas.extend([page(30, &[17, 26]), page(40, &[17, 26])]);
    let [for_people, for_programs] = both(&vmas, Scope::Range);
    assert_eq!(
        for_people,
        "main cause: MADV_DONTFORK, MADV_DONTDUMP together, at 19 of 21 boundaries (90%); \
         without both, 3 VMAs would remain, not 22; without only one of them, 22\n\
         \x20 MADV_DONTFORK: call madvise(MADV_DOFORK) when a buffer is no longer registered\n\
         \x20   set by madvise(MADV_DONTFORK); undone by madvise(MADV_DOFORK)\n\
         \x20 MADV_DONTDUMP: set it for a whole area, or undo it with madvise(MADV_DODUMP)\n\
         \x20   set by madvise(MADV_DONTDUMP); undone by madvise(MADV_DODUMP)\n\
         then: holes (munmap); without it as well, 1 VMA would remain\n\
         \x20 what helps: keep the memory between with madvise(MADV_DONTNEED), or hand it out again first\n\
         \x20   set by munmap(), or mmap() at scattered addresses; undone by mmap(MAP_FIXED_NOREPLACE) of the hole\n\
         process 77 (a \"c\"\\n), 2026-11-29 16:30:00: 22 VMAs in this range; 19 touch the next one, 0 are mergeable with it, 2 touch no other\n\
         boundaries  by itself  would remain\n\
         \x20        2          2            20  holes (munmap)\n\
         \x20       19          0            22  MADV_DONTFORK\n\
         \x20       19          0            22  MADV_DONTDUMP\n\
         longest runs\n\
         000000000000-000000014000 20 VMAs: MADV_DONTFORK, MADV_DONTDUMP\n\
         000000013000-000000029000 3 VMAs: holes (munmap)\n"
    );
    let (first, _) = for_people.split_once('\n').expect("lines");
    let then = "then: holes (munmap); without it as well, 1 VMA would remain";
    let answer = format!(",\"answer\":[\"{first}\",\"{then}\"],\"vmas\":22,");
    assert!(for_programs.contains(&answer));
    assert!(for_programs.contains(
        "\"alone\":2,\"remaining\":22,\"steps\":[\
         {\"causes\":[\"MADV_DONTFORK\",\"MADV_DONTDUMP\"],\"boundaries\":19,\"remaining\":3,\
         \"if_one_stays\":22},\
         {\"causes\":[\"holes (munmap)\"],\"boundaries\":2,\"remaining\":1,\
         \"if_one_stays\":3}],\"partial\":false,\"causes\":["
    ));
}

/// The longest possible summary fits into its pieces: all causes occur, and the longest runs have all of
/// them.
#[test]
fn the_longest_summary() {
    let bits = [
        0, 32, 20, 21, 3, 4, 17, 26, 25, 15, 29, 31, 13, 42, 9, 8, 40, 37, 22, 23, 36, 60,
    ];
    let far = usize::MAX >> 14;
    let mut vmas = Vec::new();
    for turn in 0..200 {
        // Groups of five causes occur together, and some VMAs have all causes.
        let bits: Vec<u32> = match turn % 8 {
            0 | 2 | 4 | 6 => Vec::new(),
            1 => bits.to_vec(),
            group => bits[group * 2..group * 2 + 5].to_vec(),
        };
        let place = far + 3 * turn;
        vmas.push(Fake {
            flags: VmaFlags::of(&bits),
            anon_vma: Some(turn as u8 % 7 + 1),
            forked: turn % 3 == 0,
            name: turn as u8 % 4,
            policy: turn as u8 % 2,
            ..Fake::at(extent(place, place + 2, turn % 5 * 1000, turn))
        });
    }
    for scope in [PROCESS, Scope::Range] {
        let [for_people, for_programs] = both_after(&vmas, scope, Walk::Disturbed);
        assert!(for_people.len() > 3000 && for_programs.len() > 3000);
    }
}

/// The words about three or more causes that occur together.
#[test]
fn many_causes_together() {
    for (bits, words) in [
        (
            [17, 26, 31].as_slice(),
            "all three, 1 VMA would remain, not 20; without only two of them, 20",
        ),
        (
            &[17, 26, 31, 13, 42],
            "all five, 1 VMA would remain, not 20; without only four of them, 20",
        ),
        (
            &[17, 26, 31, 13, 42, 15],
            "all 6, 1 VMA would remain, not 20; without only five of them, 20",
        ),
        (
            &[17, 26, 31, 13, 42, 15, 29],
            "all 7, 1 VMA would remain, not 20; without only 6 of them, 20",
        ),
    ] {
        let alternating = |number| page(number, if number % 2 == 0 { &[] } else { bits });
        let vmas: Vec<Fake> = (0..20).map(alternating).collect();
        let [for_people, _] = both(&vmas, PROCESS);
        let (first, _) = for_people.split_once('\n').expect("lines");
        assert!(
            first.ends_with(&format!(
                "together, at 19 of 19 boundaries (100%); without {words}"
            )),
            "{first}"
        );
    }
}

/// In a large process, one fiftieth of the VMAs is too little for a step.
#[test]
fn the_least_that_is_told() {
    for (vmas, least) in [(0, 8), (400, 8), (401, 9), (24_000, 480)] {
        assert_eq!(PROCESS.least(vmas), least);
        assert_eq!(Scope::Range.least(vmas), 1);
    }
}

/// The course of the walk is told at the end for people if it was disturbed, and always for programs.
#[test]
fn walks_that_were_disturbed() {
    let vmas = [page(1, &[]), page(2, &[17])];
    let [undisturbed, _] = both(&vmas, PROCESS);
    for (walk, words, name) in [
        (Walk::Undisturbed, "", "undisturbed"),
        (
            Walk::Disturbed,
            "the process may have changed its memory meanwhile: parts of this may be from different times\n",
            "disturbed",
        ),
        (
            Walk::CutShort,
            "incomplete: only this was seen before the process exited or called execve(), or before a file ended\n",
            "cut short",
        ),
    ] {
        for vmas in [&vmas[..], &vmas[..1]] {
            let [for_people, for_programs] = both_after(vmas, PROCESS, walk);
            assert!(for_people.ends_with(words));
            assert!(for_programs.contains(&format!(",\"walk\":\"{name}\",")));
            let told = format!(",\"{}\"],\"vmas\"", words.trim_end());
            assert_eq!(for_programs.contains(&told), !words.is_empty());
        }
        let [for_people, _] = both_after(&vmas, PROCESS, walk);
        assert_eq!(for_people, format!("{undisturbed}{words}"));
    }
}

/// The text begins with a sentence for a reader who did not ask; the object has an additional member.
#[test]
fn questions_of_others() {
    let vmas = [page(1, &[]), page(2, &[17])];
    let [own_text, _] = told(&vmas, &about(PROCESS));
    let asked_by = Some(812);
    let about = About {
        asked_by,
        ..about(PROCESS)
    };
    let [for_people, for_programs] = told(&vmas, &about);
    let sentence = "process 812 asked this, not you: write and read through one open file to get your own answer";
    assert_eq!(for_people, format!("{sentence}\n{own_text}"));
    assert!(for_programs.contains(&format!(",\"asked_by\":812,\"answer\":[\"{sentence}\",\"")));
}

/// The answer to a refused question is one line.
#[test]
fn refusals() {
    let reason = b"there is no verb 'a \"b\"\n'";
    let mut for_people = Bounded::new(vec![0; 128]);
    ForPeople::refusal("EINVAL", reason, None, &mut for_people).expect("it fits");
    assert_eq!(
        for_people.as_bytes(),
        b"refused (EINVAL): there is no verb 'a \"b\"\\n'\n"
    );
    let mut for_programs = Bounded::new(vec![0; 128]);
    ForPrograms::refusal("EINVAL", reason, Some(812), &mut for_programs).expect("it fits");
    assert_eq!(
        for_programs.as_bytes(),
        b"{\"refused\":\"EINVAL\",\"reason\":\"there is no verb 'a \\\"b\\\"\\u000a'\",\"asked_by\":812}\n"
    );
}

/// If causes could not be seen, each number is a lower bound.
#[test]
fn causes_that_were_not_to_be_seen() {
    // Every other VMA is kept from children, and all of them may have different anon_vmas. The last two look
    // alike.
    let vmas: Vec<Fake> = (0..10)
        .map(|number| Fake {
            unseen_anon_vma: Some(number as u8),
            ..page(number, if number % 2 == 0 { &[] } else { &[17] })
        })
        .chain([Fake {
            unseen_anon_vma: Some(10),
            ..page(10, &[17])
        }])
        .collect();
    let [for_people, for_programs] = both(&vmas, PROCESS);
    let main = "main cause: MADV_DONTFORK, at 9 of 9 boundaries (100%); without it, at least 1 VMA would remain, not 10";
    let unknown = "at 10 boundaries, there may be other causes that could not be seen \
                   (anon_vmas (written before they were neighbours), fork (an inherited anon_vma))";
    assert!(for_people.starts_with(&format!("{main}\n")));
    assert!(for_people.contains(&format!("\n{unknown}\nprocess 77 ")));
    assert!(for_people
        .contains(" touch the next one, 1 are mergeable with it (1 perhaps not), 0 touch"));
    assert!(for_programs.contains(&format!("[\"{main}\",\"{unknown}\"]")));
    assert!(for_programs.ends_with(
        ",\"unseen\":{\"boundaries\":10,\"mergeable\":1,\
         \"causes\":[\"anon_vmas (written before they were neighbours)\",\
         \"fork (an inherited anon_vma)\"]},\"source\":null}\n"
    ));
}

/// If nothing is known to be wrong, the answer says that something may be.
#[test]
fn nothing_that_was_to_be_seen() {
    let unseen = |number: usize, bits: &[u32]| Fake {
        unseen_anon_vma: Some(number as u8),
        ..page(number, bits)
    };
    for (vmas, words) in [
        (
            [unseen(1, &[]), unseen(2, &[])],
            "nothing that could be seen keeps VMAs apart\nat 1 boundary, there may be ",
        ),
        (
            [unseen(1, &[]), unseen(2, &[17])],
            "nothing is wrong as far as could be seen: no cause, and no set of causes, keeps 8 VMAs apart\n\
             at 1 boundary, ",
        ),
    ] {
        let [for_people, _] = both(&vmas, PROCESS);
        assert!(for_people.starts_with(words), "{for_people}");
    }
}

struct Somewhere;

impl std::fmt::Display for Somewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("source: somewhere")
    }
}

impl Origin for Somewhere {
    fn write_object(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("{\"name\":\"somewhere\"}")
    }
}

/// In a range, where each VMA counts, segments still belong to every process.
#[test]
fn segments_in_a_range() {
    let tally = tally_of_libraries(3);
    for (scope, words) in [
        (Scope::Range, "nothing is wrong\nprocess 77 "),
        (
            PROCESS,
            "nothing is wrong: no cause, and no set of causes, keeps 8 VMAs apart\nprocess 77 ",
        ),
    ] {
        let [for_people, _] = told_of(&tally, &about(scope));
        assert!(for_people.starts_with(words), "{for_people}");
    }
}

/// An answer that does not come from the module names its origin at the end, and an answer about a file names
/// the file.
#[test]
fn where_an_answer_comes_from() {
    let vmas = [page(1, &[]), page(2, &[17])];
    let about = About {
        pid: None,
        command: b"smaps.txt",
        origin: Some(&Somewhere),
        ..about(Scope::Process {
            max_map_count: None,
        })
    };
    let [for_people, for_programs] = told(&vmas, &about);
    assert!(for_people.ends_with("\nsource: somewhere\n"));
    assert!(for_programs.ends_with(",\"source\":{\"name\":\"somewhere\"}}\n"));
    assert!(for_people.contains("\nsmaps.txt, 2026-11-29 16:30:00: 2 VMAs; 1 touch"));
    assert!(for_programs.starts_with("{\"pid\":null,\"command\":\"smaps.txt\","));
    assert!(for_programs.contains(",\"max_map_count\":null,"));
}

/// The cost of raising the limit is told about a process that uses more than half of it, but not about a
/// range.
#[test]
fn half_of_the_limit() {
    let vmas: Vec<Fake> = (0..10).map(|number| page(3 * number, &[])).collect();
    for (max_map_count, is_near) in [(20, false), (19, true), (5, true), (0, true)] {
        let [for_people, for_programs] = told(
            &vmas,
            &about(Scope::Process {
                max_map_count: Some(max_map_count),
            }),
        );
        let words = "more than half of vm.max_map_count is used: raising it makes room for more VMAs, which take \
                     200 to 500 bytes of kernel memory each";
        assert_eq!(
            for_people.contains(&format!("\n{words}\nprocess 77 ")),
            is_near
        );
        assert_eq!(for_programs.contains(&format!(",\"{words}\"],")), is_near);
    }
    let [for_people, _] = told(&vmas, &about(Scope::Range));
    assert!(!for_people.contains("max_map_count"));
}

/// The VMAs that every process has, and a handful more, are not a problem.
#[test]
fn nothing_is_wrong() {
    const FINE: &str = "nothing is wrong: no cause, and no set of causes, keeps 8 VMAs apart\n";
    for (pages, is_fine) in [(2, true), (8, true), (9, false)] {
        let vmas: Vec<Fake> = (0..pages)
            .map(|number| page(number, if number % 2 == 0 { &[] } else { &[17] }))
            .collect();
        let [for_people, for_programs] = both(&vmas, PROCESS);
        assert_eq!(for_people.starts_with(FINE), is_fine);
        assert_eq!(
            for_people.starts_with("main cause: MADV_DONTFORK"),
            !is_fine
        );
        assert_eq!(for_programs.contains("\"steps\":[]"), is_fine);
        // Users who ask about a range have a reason, so that even few VMAs are reported.
        let [for_people, for_programs] = both(&vmas, Scope::Range);
        assert!(for_people.starts_with("main cause: MADV_DONTFORK"));
        assert!(for_programs.contains("\"steps\":[{\"causes\":[\"MADV_DONTFORK\"]"));
    }
}
