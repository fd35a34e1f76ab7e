// SPDX-License-Identifier: GPL-2.0

//! Vocabularies: each member has its own words, and the first line of explain.jsonl has all of them.

use crate::{
    bounded::Bounded,
    explain::{
        form::{
            Form,
            LONGEST_PART, //
        },
        json::ForPrograms, //
    },
    vma::{
        blocker::{
            Blocker,
            BlockerSet,
            Reduction, //
        },
        causes::Cause,
        extent::PAGE_SIZE,
    },
    vocabulary::vocabulary,
};
use std::collections::{
    BTreeMap,
    BTreeSet, //
};

/// The words about a season.
struct SaidOfSeason {
    name: &'static str,
}

vocabulary! {
    /// A part of the year.
    enum Season: SaidOfSeason {
        /// It is cold.
        Winter { name: "winter" },
        /// It is warm.
        Summer { name: "summer" },
    }
}

#[test]
fn a_vocabulary_is_a_table() {
    assert_eq!(Season::COUNT, 2);
    assert_eq!(Season::ALL, [Season::Winter, Season::Summer]);
    assert_eq!(
        Season::ALL.map(|season| season.said().name),
        ["winter", "summer"]
    );
}

/// The names of the rules for programs, in stats, trace events and explain.jsonl.
const RULES: [(Blocker, &str); 17] = [
    (Blocker::NotAdjacent, "not-adjacent"),
    (Blocker::RestOfVma, "rest-of-vma"),
    (Blocker::TouchesNeitherEnd, "neither-end"),
    (Blocker::SpecialMapping, "special"),
    (Blocker::Flags, "flags"),
    (Blocker::File, "file"),
    (Blocker::PageOffset, "pgoff"),
    (Blocker::AnonPageOffset, "anon_pgoff"),
    (Blocker::AnonVma, "anon_vma"),
    (Blocker::RangeForked, "range-forked"),
    (Blocker::NeighbourForked, "neighbour-forked"),
    (Blocker::NeighboursAnonVma, "neighbours-anon_vma"),
    (Blocker::Policy, "policy"),
    (Blocker::UserfaultfdContext, "userfaultfd"),
    (Blocker::Name, "name"),
    (Blocker::MovedUnderUserfaultfd, "moved-under-userfaultfd"),
    (Blocker::ExpandOnly, "expand-only"),
];

/// The rules that can keep two VMAs apart if no VMA is between them, with their members in explain.jsonl.
const OF_PAIRS: [(&str, &[&str]); 13] = [
    ("close", &[]),
    ("not-adjacent", &["size"]),
    ("special", &[]),
    ("flags", &["only_lower", "only_upper"]),
    ("file", &["lower", "upper", "relation"]),
    ("pgoff", &["found", "expected"]),
    ("anon_pgoff", &["found", "expected"]),
    ("anon_vma", &[]),
    ("range-forked", &[]),
    ("neighbour-forked", &[]),
    ("policy", &["lower", "upper", "relation"]),
    ("userfaultfd", &[]),
    ("name", &["lower", "upper"]),
];

#[test]
fn rules_have_names_and_words() {
    assert_eq!(Blocker::ALL, RULES.map(|(rule, _)| rule));
    for (rule, name) in RULES {
        assert_eq!(rule.name().as_str(), name);
        assert_eq!(rule.name().as_c_str().to_bytes(), name.as_bytes());
    }
    assert_eq!(Reduction::NextStays.name().as_str(), "close");
    let words: BTreeSet<_> = Blocker::ALL.map(Blocker::describe).into();
    assert_eq!(words.len(), Blocker::COUNT);
    assert!(!words.contains(""));
}

#[test]
fn sets_of_rules() {
    let sets = (0..1_u32 << Blocker::COUNT).step_by(37);
    for bits in sets {
        let members: Vec<Blocker> = Blocker::ALL
            .into_iter()
            .filter(|rule| bits & 1 << *rule as u32 != 0)
            .collect();
        let set = members
            .iter()
            .copied()
            .fold(BlockerSet::NONE, BlockerSet::with);
        assert!(set.iter().eq(members.iter().copied()));
        for rule in Blocker::ALL {
            assert_eq!(set.contains(rule), members.contains(&rule));
        }
    }
}

#[test]
fn the_header_has_all_words() {
    let mut text = Bounded::new(vec![0; LONGEST_PART]);
    ForPrograms::header(&mut text).expect("it fits into a piece");
    // The piece has to have room for more rules.
    assert!(text.room() > 1000, "{}", text.room());
    let line = std::str::from_utf8(text.as_bytes()).expect("ASCII");
    let header = Json::read(line.strip_suffix('\n').expect("it ends the line"));

    let rules = header.of("rules").list();
    let names: Vec<&str> = rules.iter().map(|rule| rule.of("rule").text()).collect();
    assert_eq!(names, OF_PAIRS.map(|(name, _)| name));
    for (rule, (name, members)) in rules.iter().zip(OF_PAIRS) {
        assert!(!rule.of("words").text().is_empty(), "{name}");
        let details = match rule.get("details") {
            Some(details) => details.list(),
            None => &[],
        };
        let found: Vec<&str> = details
            .iter()
            .map(|each| each.of("member").text())
            .collect();
        assert_eq!(found, members, "{name}");
        for detail in details {
            assert!(!detail.of("words").text().is_empty(), "{name}");
            let kind = detail.get("kind").map(Json::text);
            let expected = match name {
                "flags" => Some("flags"),
                "name" => Some("name"),
                _ => None,
            };
            assert_eq!(kind, expected, "{name}");
        }
    }

    let flags = header.of("flags").members();
    assert_eq!(flags.len(), 42);
    assert_eq!(flags["dc"].text(), "MADV_DONTFORK");
    assert_eq!(flags["ar"].text(), "a flag of this architecture");
    assert_eq!(
        flags["bit"].text(),
        "a flag that this module has no name for"
    );
    assert_eq!(flags["key"].text(), "the protection key");

    let causes = header.of("causes").members();
    let names: BTreeSet<&str> = causes.keys().map(String::as_str).collect();
    assert_eq!(names, Cause::ALL.map(Cause::name).into());
    for cause in Cause::ALL {
        let told = &causes[cause.name()];
        assert_eq!(told.members().len(), 3);
        assert_eq!(told.of("helps").text(), cause.advice());
        assert_eq!(told.of("set_by").text(), cause.set_by());
        match cause.undone_by() {
            Some(call) => assert_eq!(told.of("undone_by").text(), call),
            None => assert_eq!(told.of("undone_by"), &Json::Null),
        }
        for words in [
            cause.advice(),
            cause.set_by(),
            cause.undone_by().unwrap_or("-"),
        ] {
            assert!(!words.is_empty() && words.trim() == words && !words.ends_with('.'));
        }
    }
    assert_eq!(
        header.of("mergeable").text(),
        "mergeable, but no operation has tried"
    );
    assert_eq!(header.of("page_size"), &Json::Number(PAGE_SIZE));

    let rights = header.of("rights").members();
    let letters: Vec<&str> = rights.keys().map(String::as_str).collect();
    assert_eq!(letters, ["p", "r", "s", "w", "x"]);
    assert_eq!(rights["w"].text(), "may be written");
    let kinds = header.of("kinds").members();
    assert_eq!(kinds["heap"].text(), "heap");
    assert_eq!(kinds["memfd"].text(), "memfd");
    let words: BTreeSet<&str> = kinds.values().map(Json::text).collect();
    assert_eq!(words.len(), kinds.len());
    assert_eq!(kinds.len(), 11);
    assert_eq!(header.members().len(), 7);
}

#[test]
fn the_header_needs_room() {
    let mut text = Bounded::new(vec![0; LONGEST_PART]);
    ForPrograms::header(&mut text).expect("it fits into a piece");
    for room in (0..text.as_bytes().len()).step_by(7) {
        assert!(ForPrograms::header(&mut Bounded::new(vec![0; room])).is_err());
    }
}

/// JSON as it occurs in the header: without fractions, signs and escapes.
#[derive(PartialEq, Debug)]
enum Json {
    Null,
    Number(usize),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    fn read(text: &str) -> Self {
        let mut rest = text;
        let json = Self::read_some(&mut rest);
        assert_eq!(rest, "");
        json
    }

    fn read_some(rest: &mut &str) -> Self {
        let first = take(rest);
        match first {
            'n' => {
                assert_eq!([take(rest), take(rest), take(rest)], ['u', 'l', 'l']);
                Self::Null
            }
            '0'..='9' => {
                let (digits, others) = rest.split_at(rest.find([',', '}']).expect("it ends"));
                *rest = others;
                Self::Number(format!("{first}{digits}").parse().expect("a number"))
            }
            '"' => Self::Text(read_text(rest)),
            '[' => {
                let mut list = Vec::new();
                loop {
                    list.push(Self::read_some(rest));
                    match take(rest) {
                        ',' => {}
                        ']' => return Self::List(list),
                        other => panic!("{other} in a list before {rest}"),
                    }
                }
            }
            '{' => {
                let mut members = BTreeMap::new();
                loop {
                    assert_eq!(take(rest), '"', "before {rest}");
                    let name = read_text(rest);
                    assert_eq!(take(rest), ':', "before {rest}");
                    let value = Self::read_some(rest);
                    assert!(members.insert(name, value).is_none(), "twice before {rest}");
                    match take(rest) {
                        ',' => {}
                        '}' => return Self::Object(members),
                        other => panic!("{other} in an object before {rest}"),
                    }
                }
            }
            other => panic!("{other} before {rest}"),
        }
    }

    fn members(&self) -> &BTreeMap<String, Json> {
        match self {
            Self::Object(members) => members,
            other => panic!("{other:?} is not an object"),
        }
    }

    fn get(&self, name: &str) -> Option<&Json> {
        self.members().get(name)
    }

    fn of(&self, name: &str) -> &Json {
        self.get(name).unwrap_or_else(|| panic!("no {name}"))
    }

    fn list(&self) -> &[Json] {
        match self {
            Self::List(list) => list,
            other => panic!("{other:?} is not a list"),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            other => panic!("{other:?} is not a string"),
        }
    }
}

fn take(rest: &mut &str) -> char {
    let first = rest.chars().next().expect("it is cut off");
    *rest = &rest[first.len_utf8()..];
    first
}

fn read_text(rest: &mut &str) -> String {
    let (text, after) = rest.split_once('"').expect("it is cut off");
    assert!(text
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'\\'));
    *rest = after;
    text.to_string()
}
