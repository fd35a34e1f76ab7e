// SPDX-License-Identifier: GPL-2.0

//! The answer for programs: an object a line. Bytes of names and paths that are not printable ASCII
//! are told as the characters with these numbers.

use super::{
    about::{
        About,
        Part,
        Scope, //
    },
    answer::Answer,
    cause_set::CauseSet,
    counts::Places,
    details::{
        reasons,
        values,
        Value, //
    },
    file_words::FileWords,
    flag_names::{
        KEY,
        NAMED,
        UNNAMED, //
    },
    form::Form,
    sentences::sentences,
    sides::Described,
    text::MERGEABLE,
    Boundary,
    Sides,
    Tally, //
};
use crate::{
    bounded::{
        Bounded,
        Full,
        Room, //
    },
    vma::{
        blocker::{
            OfPair,
            Reduction, //
        },
        causes::Cause,
        compat::Blocker,
    },
};
use core::{
    ffi::CStr,
    fmt, //
};

/// The form for programs.
pub(crate) struct ForPrograms;

impl Form for ForPrograms {
    /// The words of all that the lines after this one name, in the first line.
    ///
    /// ```text
    /// {"rules":[{"rule":"flags","words":"flags differ","details":[
    ///   {"member":"only_lower","words":"only below","kind":"flags"},...]},...],
    ///  "flags":{"dc":"MADV_DONTFORK",...},
    ///  "causes":{"MADV_DONTFORK":{"helps":"call madvise(...) when...","set_by":"madvise(MADV_DONTFORK)",
    ///    "undone_by":"madvise(MADV_DOFORK)"},...},
    ///  "mergeable":"mergeable, but no operation has tried"}
    /// ```
    ///
    /// A rule has a row if it can keep two VMAs apart. `undone_by` is null for a cause that no call takes back.
    /// A detail without a kind is a string to be shown as it is, or null.
    fn header(text: &mut Bounded<impl Room>) -> Result<(), Full> {
        text.append_str("{\"rules\":[")?;
        let rules = Blocker::ALL
            .iter()
            .map(|rule| (rule.name(), rule.of_pair()));
        let closing = Reduction::ALL.iter().map(|one| (one.name(), one.of_pair()));
        let mut separator = "";
        for (name, said) in closing.chain(rules) {
            if let Some(said) = said {
                text.append(format_args!("{separator}{}", RuleInJson(name, said)))?;
                separator = ",";
            }
        }
        text.append_str("],\"flags\":{")?;
        for flag in NAMED {
            text.append(format_args!("\"{}\":\"{}\",", flag.name, flag.words))?;
        }
        text.append(format_args!("\"{}\":\"{}\",", KEY.0, KEY.1))?;
        text.append(format_args!("\"{}\":\"{}\"}}", UNNAMED.0, UNNAMED.1))?;
        let mut separator = ",\"causes\":{";
        for cause in Cause::ALL {
            text.append(format_args!(
                "{separator}\"{}\":{{\"helps\":\"{}\",\"set_by\":\"{}\",\"undone_by\":{}}}",
                cause.name(),
                cause.advice(),
                cause.set_by(),
                Quoted(cause.undone_by().map(str::as_bytes))
            ))?;
            separator = ",";
        }
        text.append(format_args!("}},\"mergeable\":\"{MERGEABLE}\"}}\n"))
    }

    /// A boundary:
    ///
    /// ```text
    /// {"lower":["200000000000","200000004000"],"upper":["200000004000","200000008000"],
    ///  "blockers":[{"rule":"flags","only_lower":"","only_upper":"dc"}],"causes":["MADV_DONTFORK"]}
    /// ```
    ///
    /// Addresses and offsets are hexadecimal, offsets in pages. Two VMAs without blockers are mergeable. The
    /// members of a blocker are those that [`header`](Self::header) has for its rule.
    fn boundary(
        boundary: &Boundary,
        sides: &Sides<'_, impl Described>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        let (prev, next) = (boundary.prev.range, boundary.next.range);
        text.append(format_args!(
            "{{\"lower\":[\"{:x}\",\"{:x}\"],\"upper\":[\"{:x}\",\"{:x}\"],\"blockers\":[{}],\
             \"causes\":[{}]}}\n",
            prev.start(),
            prev.end(),
            next.start(),
            next.end(),
            RulesInJson(boundary, sides),
            CausesInJson(boundary.causes)
        ))
    }

    /// The only line then:
    ///
    /// ```text
    /// {"refused":"ESRCH","reason":"there is no process 4711"}
    /// ```
    fn refusal(
        errno: impl fmt::Display,
        reason: &[u8],
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        text.append(format_args!(
            "{{\"refused\":\"{errno}\",\"reason\":{}}}\n",
            Quoted(Some(reason))
        ))
    }

    /// A part of the summary, which is the last line. `answer` has it in the sentences that people are told. The
    /// limit is null where a range was asked about, and `asked_by` where the reader asked.
    ///
    /// ```text
    /// {"pid":4711,"command":"server","time":"2026-11-29 16:30:00","walk":"undisturbed","asked_by":null,
    ///  "answer":["main cause: MADV_DONTFORK, at 41565 of 41876 boundaries (99%); ..."],
    ///  "vmas":41877,"max_map_count":65530,"boundaries":41876,"touching":41576,"mergeable":0,"alone":12,"remaining":41877,
    ///  "steps":[{"causes":["MADV_DONTFORK"],"boundaries":41565,"remaining":312,"if_one_stays":41877}],
    ///  "partial":false,
    ///  "causes":[{"cause":"MADV_DONTFORK","boundaries":41565,"by_itself":41565,"without":312}],
    ///  "runs":[{"range":["200000000000","20000a3a0000"],"vmas":41565,"causes":["MADV_DONTFORK"]}]}
    /// ```
    fn summary<P: Places>(
        part: Part,
        tally: &Tally<P>,
        answer: &Answer,
        about: &About<'_>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        match part {
            Part::Answer => append_answer(tally, answer, about, text),
            Part::Causes => append_causes(tally, text),
            Part::Runs => append_runs(tally, text),
        }
    }
}

/// The row of a rule.
struct RuleInJson(&'static CStr, OfPair);

impl fmt::Display for RuleInJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, said) = self;
        let name = name.to_str().unwrap_or_default();
        write!(f, "{{\"rule\":\"{name}\",\"words\":\"{}\"", said.words)?;
        let mut separator = ",\"details\":[";
        for detail in said.details.each() {
            write!(
                f,
                "{separator}{{\"member\":\"{}\",\"words\":\"{}\"",
                detail.member, detail.words
            )?;
            if let Some(kind) = detail.kind.name() {
                write!(f, ",\"kind\":\"{kind}\"")?;
            }
            f.write_str("}")?;
            separator = ",";
        }
        f.write_str(if separator == "," { "]}" } else { "}" })
    }
}

struct RulesInJson<'a, V>(&'a Boundary, &'a Sides<'a, V>);

impl<V: Described> fmt::Display for RulesInJson<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(boundary, sides) = self;
        let mut separator = "";
        for (rule, said) in reasons(boundary) {
            write!(f, "{separator}{{\"rule\":\"{rule}\"")?;
            for (detail, value) in values(said.details, boundary, sides) {
                write!(f, ",\"{}\":{}", detail.member, Member(value))?;
            }
            f.write_str("}")?;
            separator = ",";
        }
        Ok(())
    }
}

/// A detail.
struct Member<'a>(Value<'a>);

impl fmt::Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Flags(flags) => write!(f, "\"{flags}\""),
            Value::Offset(offset) => write!(f, "\"{:x}\"", offset.pages()),
            Value::Size(bytes) => write!(f, "\"{} kB\"", bytes / 1024),
            Value::Policy(policy) => write!(f, "\"{policy}\""),
            Value::Name(name) => Quoted(name).fmt(f),
            Value::File(None) => Quoted(None).fmt(f),
            Value::File(Some(FileWords { kind, name })) => {
                write!(f, "\"{kind}")?;
                escape(name, f)?;
                f.write_str("\"")
            }
            Value::Relation(words) => write!(f, "\"{words}\""),
        }
    }
}

/// A string, or null.
pub(crate) struct Quoted<'a>(pub(crate) Option<&'a [u8]>);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bytes) = self.0 else {
            return f.write_str("null");
        };
        f.write_str("\"")?;
        escape(bytes, f)?;
        f.write_str("\"")
    }
}

/// Writes bytes as they are in a string.
fn escape(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in bytes {
        match byte {
            b'"' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
            b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
            _ => write!(f, "\\u{byte:04x}")?,
        }
    }
    Ok(())
}

fn append_answer<P: Places>(
    tally: &Tally<P>,
    answer: &Answer,
    about: &About<'_>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    text.append(format_args!(
        "{{\"pid\":{},\"command\":{},\"time\":{},\"walk\":\"{}\",\"asked_by\":",
        about.pid,
        Quoted(Some(about.command)),
        Quoted(Some(about.time)),
        about.walk.name()
    ))?;
    match about.asked_by {
        Some(pid) => text.append(format_args!("{pid}"))?,
        None => text.append_str("null")?,
    }
    let mut separator = ",\"answer\":[";
    for sentence in sentences(tally, answer, about) {
        text.append(format_args!("{separator}\"{sentence}\""))?;
        separator = ",";
    }
    if let Some(words) = about.walk.words() {
        text.append(format_args!("{separator}\"{words}\""))?;
    }
    text.append(format_args!("],\"vmas\":{},\"max_map_count\":", tally.vmas))?;
    match about.scope {
        Scope::Process { max_map_count } => text.append(format_args!("{max_map_count}"))?,
        Scope::Range => text.append_str("null")?,
    }
    text.append(format_args!(
        ",\"boundaries\":{},\"touching\":{},\"mergeable\":{},\"alone\":{},\"remaining\":{},\
         \"steps\":[",
        tally.boundaries,
        tally.touching,
        tally.mergeable,
        tally.alone,
        tally.remaining()
    ))?;
    let mut separator = "";
    for step in answer.steps() {
        text.append(format_args!(
            "{separator}{{\"causes\":[{}],\"boundaries\":{},\"remaining\":{},\
             \"if_one_stays\":{}}}",
            CausesInJson(step.causes),
            step.boundaries,
            step.remaining,
            step.if_one_stays
        ))?;
        separator = ",";
    }
    text.append(format_args!("],\"partial\":{}", answer.is_partial))
}

fn append_causes<P: Places>(tally: &Tally<P>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    text.append_str(",\"causes\":[")?;
    let mut separator = "";
    for ranked in tally.ranking() {
        text.append(format_args!(
            "{separator}{{\"cause\":\"{}\",\"boundaries\":{},\"by_itself\":{},\"without\":{}}}",
            ranked.cause.name(),
            ranked.boundaries,
            ranked.by_itself,
            ranked.without
        ))?;
        separator = ",";
    }
    text.append_str("]")
}

fn append_runs<P: Places>(tally: &Tally<P>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    text.append_str(",\"runs\":[")?;
    let mut separator = "";
    for run in tally.runs() {
        text.append(format_args!(
            "{separator}{{\"range\":[\"{:x}\",\"{:x}\"],\"vmas\":{},\"causes\":[{}]}}",
            run.range.start(),
            run.range.end(),
            run.vmas,
            CausesInJson(run.causes)
        ))?;
        separator = ",";
    }
    text.append(format_args!("]}}\n"))
}

struct CausesInJson(CauseSet);

impl fmt::Display for CausesInJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for cause in self.0.iter() {
            write!(f, "{separator}\"{}\"", cause.name())?;
            separator = ",";
        }
        Ok(())
    }
}
