// SPDX-License-Identifier: GPL-2.0

//! The answer for programs: one object per line. Bytes of names and paths that are not printable ASCII become the
//! characters with the same code points.

use super::{
    about::{
        About,
        Origin,
        Part,
        Scope, //
    },
    answer::Answer,
    cause_set::CauseSet,
    counts::Places,
    details::{
        each_value,
        reasons,
        Value, //
    },
    file_words::FileWords,
    flag_names::{
        KEY,
        NAMED,
        UNNAMED, //
    },
    form::Form,
    kind::Kind,
    nature::{
        Nature,
        OneOfKind, //
    },
    rights,
    sentences::sentences,
    sides::{
        Described,
        OneOfTwo, //
    },
    text::MERGEABLE,
    Boundary,
    Sides,
    Tally, //
};
use crate::{
    bounded::{
        Bounded,
        Full,
        Hex,
        Room, //
    },
    vma::{
        blocker::{
            OfPair,
            Reduction, //
        },
        causes::Cause,
        compat::Blocker,
        extent::PAGE_SIZE,
    },
};
use core::fmt;

/// The form of the answer for programs.
pub(crate) struct ForPrograms;

impl Form for ForPrograms {
    /// Appends the first line: the words for all names in the following lines.
    ///
    /// ```text
    /// {"rules":[{"rule":"flags","words":"flags differ","details":[
    ///   {"member":"only_lower","words":"only below","kind":"flags"},...]},...],
    ///  "flags":{"dc":"MADV_DONTFORK",...},
    ///  "causes":{"MADV_DONTFORK":{"helps":"call madvise(...) when...","set_by":"madvise(MADV_DONTFORK)",
    ///    "undone_by":"madvise(MADV_DOFORK)"},...},
    ///  "mergeable":"mergeable, but no operation has tried","page_size":4096,
    ///  "rights":{"r":"may be read",...},"kinds":{"heap":"heap","memfd":"memfd",...}}
    /// ```
    ///
    /// `rules` lists each rule that can keep two VMAs apart. `undone_by` is null for a cause that no call undoes. A
    /// detail without a kind is a string that is shown unchanged, or null.
    fn header(text: &mut Bounded<impl Room>) -> Result<(), Full> {
        text.append_str("{\"rules\":[")?;
        let rules = Blocker::ALL
            .iter()
            .map(|rule| (rule.name().as_str(), rule.of_pair()));
        let closing = Reduction::ALL
            .iter()
            .map(|one| (one.name().as_str(), one.of_pair()));
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
        text.append(format_args!(
            "}},\"mergeable\":\"{MERGEABLE}\",\"page_size\":{PAGE_SIZE}"
        ))?;
        let mut separator = ",\"rights\":{";
        for each in rights::LETTERS {
            text.append(format_args!(
                "{separator}\"{}\":\"{}\"",
                each.letter, each.words
            ))?;
            separator = ",";
        }
        let mut separator = "},\"kinds\":{";
        for kind in Kind::ALL {
            text.append(format_args!(
                "{separator}\"{}\":\"{}\"",
                kind.name(),
                kind.words()
            ))?;
            separator = ",";
        }
        text.append_str("}}\n")
    }

    /// Appends a single VMA:
    ///
    /// ```text
    /// {"vma":["200000000000","200000004000"],"is":{"rights":"rw-p","kind":"heap","which":null,"name":null}}
    /// ```
    ///
    /// `which` is a path, or another name that identifies the VMA among others of its kind. `name` is the name that
    /// the process has given the VMA.
    fn vma(vma: &OneOfTwo<'_, impl Described>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
        text.append_whole(|text| {
            text.append_str("{\"vma\":[\"")?;
            text.append_hex(&Hex::of(vma.range().start(), b'"'))?;
            text.append_str(",\"")?;
            text.append_hex(&Hex::of(vma.range().end(), b'"'))?;
            text.append_str("],\"is\":")?;
            append_nature(Nature::of(vma), text)?;
            text.append_str("}\n")
        })
    }

    /// Appends a boundary:
    ///
    /// ```text
    /// {"lower":["200000000000","200000004000"],"upper":["200000004000","200000008000"],
    ///  "blockers":[{"rule":"flags","only_lower":"","only_upper":"wr"}],"causes":["access rights (mprotect)"],
    ///  "upper_is":{"rights":"rw-p"}}
    /// ```
    ///
    /// Addresses and offsets are hexadecimal, and offsets count pages. Two VMAs without blockers are mergeable. The
    /// members of a blocker are those that [`header`](Self::header) lists for its rule.
    ///
    /// `upper_is` describes the VMA above like [`vma`](Self::vma), limited to the members in which it differs from
    /// the VMA below. If they differ in no member, `upper_is` is omitted. Thus a file that a million VMAs map is named
    /// only once.
    ///
    /// `perhaps` lists the rules that may also keep the two apart, but could not be seen. If there are none, `perhaps`
    /// is omitted.
    fn boundary(
        boundary: &Boundary,
        sides: &Sides<'_, impl Described>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        text.append_whole(|text| append_boundary(boundary, sides, text))
    }

    /// Appends the refusal, which is the only line in that case:
    ///
    /// ```text
    /// {"refused":"ESRCH","reason":"there is no process 4711","asked_by":null}
    /// ```
    fn refusal(
        errno: impl fmt::Display,
        reason: &[u8],
        asked_by: Option<i32>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        text.append(format_args!(
            "{{\"refused\":\"{errno}\",\"reason\":{},\"asked_by\":{}}}\n",
            Quoted(Some(reason)),
            OrNull(asked_by)
        ))
    }

    /// Appends a part of the summary, which is the last line. `answer` contains the sentences that people see. The
    /// limit is null if the question was about a range, and `asked_by` is null if the reader asked. `unseen` counts
    /// the boundaries that may have causes that could not be seen, and names these causes; the module sees every
    /// cause. `source` is an object if the answer does not come from the module.
    ///
    /// ```text
    /// {"pid":4711,"command":"server","time":"2026-11-29 16:30:00","walk":"undisturbed","asked_by":null,
    ///  "answer":["main cause: MADV_DONTFORK, at 41565 of 41876 boundaries (99%); ..."],
    ///  "vmas":41877,"max_map_count":65530,"boundaries":41876,"touching":41576,"mergeable":0,"alone":12,"remaining":41877,
    ///  "steps":[{"causes":["MADV_DONTFORK"],"boundaries":41565,"remaining":312,"if_one_stays":41877}],
    ///  "partial":false,
    ///  "causes":[{"cause":"MADV_DONTFORK","boundaries":41565,"by_itself":41565,"without":312}],
    ///  "runs":[{"range":["200000000000","20000a3a0000"],"vmas":41565,"causes":["MADV_DONTFORK"]}],
    ///  "unseen":null,"source":null}
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
            Part::Runs => append_runs(tally, about, text),
        }
    }
}

/// The row of a rule in the header.
struct RuleInJson(&'static str, &'static OfPair);

impl fmt::Display for RuleInJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, said) = self;
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

/// Appends the line of a boundary. There may be a million such lines, so the common parts are written without
/// formatting.
fn append_boundary(
    boundary: &Boundary,
    sides: &Sides<'_, impl Described>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let (prev, next) = (boundary.prev.range, boundary.next.range);
    let border = Hex::of(prev.end(), b'"');
    text.append_str("{\"lower\":[\"")?;
    text.append_hex(&Hex::of(prev.start(), b'"'))?;
    text.append_str(",\"")?;
    text.append_hex(&border)?;
    text.append_str("],\"upper\":[\"")?;
    if boundary.touches() {
        text.append_hex(&border)?;
    } else {
        text.append_hex(&Hex::of(next.start(), b'"'))?;
    }
    text.append_str(",\"")?;
    text.append_hex(&Hex::of(next.end(), b'"'))?;
    text.append_str("],\"blockers\":[")?;
    let mut separator = "{\"rule\":\"";
    for (rule, said) in reasons(boundary.apart()) {
        text.append_str(separator)?;
        text.append_str(rule)?;
        text.append_str("\"")?;
        each_value(said.details, boundary, sides, |detail, value| {
            text.append_str(detail.before_value)?;
            append_value(value, text)
        })?;
        text.append_str("}")?;
        separator = ",{\"rule\":\"";
    }
    text.append_str("],\"causes\":[")?;
    append_names(boundary.causes, text)?;
    let mut separator = "],\"perhaps\":[\"";
    for (rule, _) in reasons(boundary.perhaps.apart) {
        text.append_str(separator)?;
        text.append_str(rule)?;
        text.append_str("\"")?;
        separator = ",\"";
    }
    let next = Nature::of_next(sides);
    if next.is_empty() {
        return text.append_str("]}\n");
    }
    text.append_str("],\"upper_is\":")?;
    append_nature(next, text)?;
    text.append_str("}\n")
}

/// Appends the nature of a VMA.
fn append_nature(nature: Nature<'_>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    let Nature { rights, kind, name } = nature;
    let mut separator = "{";
    if let Some(rights) = rights {
        text.append_str("{\"rights\":\"")?;
        for letter in rights.letters() {
            text.append_str(letter)?;
        }
        text.append_str("\"")?;
        separator = ",";
    }
    if let Some(OneOfKind { kind, which }) = kind {
        let which = (!which.is_empty()).then_some(which);
        text.append_str(separator)?;
        text.append_str("\"kind\":\"")?;
        text.append_str(kind.name())?;
        text.append_str("\",\"which\":")?;
        append_quoted(which, text)?;
        separator = ",";
    }
    if let Some(name) = name {
        text.append_str(separator)?;
        text.append_str("\"name\":")?;
        append_quoted(name, text)?;
    }
    text.append_str("}")
}

/// Appends a string, or null.
fn append_quoted(bytes: Option<&[u8]>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    text.append(format_args!("{}", Quoted(bytes)))
}

/// Appends the value of a detail.
fn append_value(value: Value<'_>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    match value {
        Value::Flags(flags) => {
            text.append_str("\"")?;
            flags.write_to(text).map_err(|fmt::Error| Full)?;
            text.append_str("\"")
        }
        Value::Offset(offset) => {
            text.append_str("\"")?;
            text.append_hex(&Hex::of(offset.pages(), b'"'))
        }
        Value::File(None) => text.append_str("null"),
        Value::Name(name) => append_quoted(name, text),
        Value::File(Some(file)) => text.append(format_args!("\"{}\"", InWords(file))),
        Value::Size(bytes) => text.append(format_args!("\"{} kB\"", bytes / 1024)),
        Value::Policy(policy) => text.append(format_args!("\"{policy}\"")),
        Value::Relation(words) => text.append(format_args!("\"{words}\"")),
    }
}

/// Appends the names of causes.
fn append_names(causes: CauseSet, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    let mut separator = "\"";
    for cause in causes.iter() {
        text.append_str(separator)?;
        text.append_str(cause.name())?;
        text.append_str("\"")?;
        separator = ",\"";
    }
    Ok(())
}

/// A file as part of a string.
struct InWords<'a>(FileWords<'a>);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_to(f, Escaped)
    }
}

/// The source of an answer as an object.
struct Object<'a>(&'a dyn Origin);

impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_object(f)
    }
}

/// A number, or null.
struct OrNull(Option<i32>);

impl fmt::Display for OrNull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => write!(f, "{number}"),
            None => f.write_str("null"),
        }
    }
}

/// A string, or null.
pub(crate) struct Quoted<'a>(pub(crate) Option<&'a [u8]>);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => write!(f, "\"{}\"", Escaped(bytes)),
            None => f.write_str("null"),
        }
    }
}

/// Bytes as part of a string.
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The plain bytes before each escape are written in one call.
        for piece in self.0.split_inclusive(|byte| !is_plain(*byte)) {
            let (plain, byte) = match piece {
                [plain @ .., byte] if !is_plain(*byte) => (plain, Some(*byte)),
                plain => (plain, None),
            };
            f.write_str(core::str::from_utf8(plain).map_err(|_| fmt::Error)?)?;
            match byte {
                Some(byte @ (b'"' | b'\\')) => write!(f, "\\{}", char::from(byte))?,
                Some(byte) => write!(f, "\\u{byte:04x}")?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Returns whether a byte needs no escape in a string.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

#[inline(never)]
fn append_answer<P: Places>(
    tally: &Tally<P>,
    answer: &Answer,
    about: &About<'_>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    text.append(format_args!(
        "{{\"pid\":{},\"command\":{},\"time\":{},\"walk\":\"{}\",\"asked_by\":{}",
        OrNull(about.pid),
        Quoted(Some(about.command)),
        Quoted(Some(about.time)),
        about.walk.name(),
        OrNull(about.asked_by)
    ))?;
    let mut separator = ",\"answer\":[";
    for sentence in sentences(tally, answer, about) {
        text.append(format_args!("{separator}\"{sentence}\""))?;
        separator = ",";
    }
    if let Some(words) = about.walk.words() {
        text.append(format_args!("{separator}\"{words}\""))?;
    }
    let limit = match about.scope {
        Scope::Process { max_map_count } => max_map_count,
        Scope::Range => None,
    };
    text.append(format_args!(
        "],\"vmas\":{},\"max_map_count\":{}",
        tally.vmas,
        OrNull(limit)
    ))?;
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
        text.append(format_args!("{separator}{{\"causes\":["))?;
        append_names(step.causes, text)?;
        text.append(format_args!(
            "],\"boundaries\":{},\"remaining\":{},\"if_one_stays\":{}}}",
            step.boundaries, step.remaining, step.if_one_stays
        ))?;
        separator = ",";
    }
    text.append(format_args!("],\"partial\":{}", answer.is_partial))
}

// Not inlined, because the ranking takes a large part of the stack.
#[inline(never)]
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

#[inline(never)]
fn append_runs<P: Places>(
    tally: &Tally<P>,
    about: &About<'_>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    text.append_str(",\"runs\":[")?;
    let mut separator = "";
    for run in tally.runs() {
        text.append(format_args!(
            "{separator}{{\"range\":[\"{:x}\",\"{:x}\"],\"vmas\":{},\"causes\":[",
            run.range.start(),
            run.range.end(),
            run.vmas
        ))?;
        append_names(run.causes, text)?;
        text.append_str("]}")?;
        separator = ",";
    }
    text.append_str("],\"unseen\":")?;
    match tally.unseen.boundaries {
        0 => text.append_str("null")?,
        boundaries => {
            let mergeable = tally.unseen.mergeable;
            text.append(format_args!(
                "{{\"boundaries\":{boundaries},\"mergeable\":{mergeable},\"causes\":["
            ))?;
            append_names(tally.unseen.causes, text)?;
            text.append_str("]}")?;
        }
    }
    match about.origin {
        None => text.append_str(",\"source\":null}\n"),
        Some(origin) => text.append(format_args!(",\"source\":{}}}\n", Object(origin))),
    }
}
