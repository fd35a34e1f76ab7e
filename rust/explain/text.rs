// SPDX-License-Identifier: GPL-2.0

//! The answer for people.

use super::{
    about::{
        About,
        AskedBy,
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
    form::Form,
    sentences::{
        sentences,
        Listed,
        Vmas, //
    },
    sides::{
        Described,
        OneOfTwo, //
    },
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
    vma::causes::{
        DetailKind,
        Details, //
    },
};
use core::fmt;

/// The words for two VMAs that nothing keeps apart.
pub(super) const MERGEABLE: &str = "mergeable, but no operation has tried";

/// The form of the answer for people.
pub(crate) struct ForPeople;

impl Form for ForPeople {
    fn header(_text: &mut Bounded<impl Room>) -> Result<(), Full> {
        Ok(())
    }

    /// Appends nothing: this form has no lines about single VMAs.
    fn vma(
        _vma: &OneOfTwo<'_, impl Described>,
        _text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        Ok(())
    }

    /// Appends a line about a boundary. At a hole, the line also contains the end of the VMA below:
    ///
    /// ```text
    /// 700000000000-700000004000-700000008000 apart: flags differ (only above: dc); names differ (below: "one", above: none)
    /// 700000008000-70000000a000-70000000c000 mergeable, but no operation has tried
    /// 70000000a000-70000000c000-70000000d000-700000010000 apart: nothing is mapped between them (size: 4 kB)
    /// ```
    ///
    /// Possible reasons that could not be seen follow:
    ///
    /// ```text
    /// 700000000000-700000004000-700000008000 apart: flags differ (only above: dc); perhaps: anon_vmas differ
    /// 700000008000-70000000a000-70000000c000 mergeable, but no operation has tried; perhaps not: anon_vmas differ
    /// ```
    fn boundary(
        boundary: &Boundary,
        sides: &Sides<'_, impl Described>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        text.append_whole(|text| append_boundary(boundary, sides, text))
    }

    /// Appends the refusal:
    ///
    /// ```text
    /// refused (ESRCH): there is no process 4711
    /// ```
    fn refusal(
        errno: impl fmt::Display,
        reason: &[u8],
        asked_by: Option<i32>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        if let Some(pid) = asked_by {
            text.append(format_args!("{}\n", AskedBy(pid)))?;
        }
        text.append(format_args!("refused ({errno}): {}\n", Printable(reason)))
    }

    /// Appends a part of the summary:
    ///
    /// ```text
    /// main cause: MADV_DONTFORK, at 41565 of 41876 boundaries (99%); without it, 312 VMAs would remain, not 41877
    ///   what helps: call madvise(MADV_DOFORK) when a buffer is no longer registered
    ///     set by madvise(MADV_DONTFORK); undone by madvise(MADV_DOFORK)
    /// then: fork (an inherited anon_vma); without it as well, 12 VMAs would remain
    ///   what helps: let the child call execve(), keep memory from it with madvise(MADV_DONTFORK), or let it use ...
    ///     set by fork(); no call undoes it
    /// more than half of vm.max_map_count is used: raising it makes room for more VMAs, which take ...
    /// process 4711 (server), 2026-11-29 16:30:00: 41877 VMAs of at most 65530 (vm.max_map_count); 41576 touch the next one, 0 are mergeable with it, 12 touch no other
    /// boundaries  by itself  would remain
    ///      41565      41565           312  MADV_DONTFORK
    /// longest runs
    /// 200000000000-20000a3a0000 41565 VMAs: MADV_DONTFORK
    /// ```
    fn summary<P: Places>(
        part: Part,
        tally: &Tally<P>,
        answer: &Answer,
        about: &About<'_>,
        text: &mut Bounded<impl Room>,
    ) -> Result<(), Full> {
        let some_are_apart = tally.boundaries != tally.mergeable;
        match part {
            Part::Answer => {
                append_sentences(tally, answer, about, text)?;
                append_figures(tally, about, text)
            }
            Part::Causes if some_are_apart => append_causes(tally, text),
            Part::Causes => Ok(()),
            Part::Runs => {
                if some_are_apart {
                    append_runs(tally, text)?;
                }
                if let Some(words) = about.walk.words() {
                    text.append(format_args!("{words}\n"))?;
                }
                match about.origin {
                    Some(origin) => text.append(format_args!("{origin}\n")),
                    None => Ok(()),
                }
            }
        }
    }
}

// Not inlined, because sentences take a large part of the stack.
#[inline(never)]
fn append_sentences<P: Places>(
    tally: &Tally<P>,
    answer: &Answer,
    about: &About<'_>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    for sentence in sentences(tally, answer, about) {
        text.append(format_args!("{sentence}\n"))?;
        append_advice(sentence.causes(), text)?;
    }
    Ok(())
}

/// Appends the line of a boundary. There may be a million such lines, so the common parts are written without
/// formatting.
fn append_boundary(
    boundary: &Boundary,
    sides: &Sides<'_, impl Described>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let (prev, next) = (boundary.prev.range, boundary.next.range);
    text.append_address(prev.start(), b'-')?;
    if !boundary.touches() {
        text.append_address(prev.end(), b'-')?;
    }
    text.append_address(next.start(), b'-')?;
    text.append_address(next.end(), b' ')?;

    let mut separator = "apart: ";
    for (_, said) in reasons(boundary.apart()) {
        text.append_str(separator)?;
        text.append_str(said.words)?;
        append_details(said.details, boundary, sides, text)?;
        separator = "; ";
    }
    let mut separator = if boundary.is_mergeable() {
        text.append_str(MERGEABLE)?;
        "; perhaps not: "
    } else {
        "; perhaps: "
    };
    for (_, said) in reasons(boundary.perhaps.apart) {
        text.append_str(separator)?;
        text.append_str(said.words)?;
        separator = "; ";
    }
    text.append_str("\n")
}

/// Appends the details of the two VMAs in brackets. Only flags that one of the two lacks are included.
fn append_details(
    details: Details,
    boundary: &Boundary,
    sides: &Sides<'_, impl Described>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let mut separator = " (";
    each_value(details, boundary, sides, |detail, value| {
        if value.says_nothing() {
            return Ok(());
        }
        text.append_str(separator)?;
        text.append_str(detail.words)?;
        text.append_str(": ")?;
        match (value, detail.kind) {
            (Value::Flags(flags), _) => flags.write_to(text).map_err(|_| Full)?,
            (value, kind) => text.append(format_args!("{}", InWords(value, kind)))?,
        }
        separator = ", ";
        Ok(())
    })?;
    if separator == ", " {
        text.append_str(")")?;
    }
    Ok(())
}

/// A detail in words.
struct InWords<'a>(Value<'a>, DetailKind);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self.0 {
            Value::Flags(flags) => return flags.write_to(f),
            Value::Offset(offset) => return write!(f, "{:x}", offset.pages()),
            Value::Size(bytes) => return write!(f, "{} kB", bytes / 1024),
            Value::Policy(policy) => return policy.fmt(f),
            Value::Relation(words) => return f.write_str(words),
            Value::Name(None) | Value::File(None) => return f.write_str("none"),
            Value::File(Some(file)) => return file.write_to(f, Printable),
            Value::Name(Some(bytes)) => Printable(bytes),
        };
        match self.1 {
            DetailKind::Name => write!(f, "\"{bytes}\""),
            DetailKind::Flags | DetailKind::Plain => bytes.fmt(f),
        }
    }
}

/// Bytes, with everything except printable ASCII escaped.
pub(crate) struct Printable<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'\t' => f.write_str("\\t")?,
                b'\n' => f.write_str("\\n")?,
                b'\r' => f.write_str("\\r")?,
                b' '..=b'~' => write!(f, "{}", char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

fn append_causes<P: Places>(tally: &Tally<P>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    text.append(format_args!("boundaries  by itself  would remain\n"))?;
    for ranked in tally.ranking() {
        text.append(format_args!(
            "{:10} {:10} {:13}  {}\n",
            ranked.boundaries,
            ranked.by_itself,
            ranked.without,
            ranked.cause.name()
        ))?;
    }
    Ok(())
}

fn append_runs<P: Places>(tally: &Tally<P>, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    text.append(format_args!("longest runs\n"))?;
    for run in tally.runs() {
        text.append(format_args!(
            "{:012x}-{:012x} {} VMAs: {}\n",
            run.range.start(),
            run.range.end(),
            run.vmas,
            Listed(run.causes)
        ))?;
    }
    Ok(())
}

fn append_advice(causes: CauseSet, text: &mut Bounded<impl Room>) -> Result<(), Full> {
    for cause in causes.iter() {
        let of_what = if causes.is_one() {
            "what helps"
        } else {
            cause.name()
        };
        let advice = cause.advice();
        let set_by = cause.set_by();
        text.append(format_args!("  {of_what}: {advice}\n    set by {set_by}; "))?;
        match cause.undone_by() {
            Some(call) => text.append(format_args!("undone by {call}\n"))?,
            None => text.append_str("no call undoes it\n")?,
        }
    }
    Ok(())
}

fn append_figures<P: Places>(
    tally: &Tally<P>,
    about: &About<'_>,
    text: &mut Bounded<impl Room>,
) -> Result<(), Full> {
    let command = Printable(about.command);
    match about.pid {
        Some(pid) => text.append(format_args!("process {pid} ({command})"))?,
        None => text.append(format_args!("{command}"))?,
    }
    text.append(format_args!(
        ", {}: {}",
        Printable(about.time),
        Vmas(tally.vmas)
    ))?;
    match about.scope {
        Scope::Process {
            max_map_count: Some(limit),
        } => text.append(format_args!(" of at most {limit} (vm.max_map_count)"))?,
        Scope::Process {
            max_map_count: None,
        } => {}
        Scope::Range => text.append_str(" in this range")?,
    }
    text.append(format_args!(
        "; {} touch the next one, {} are mergeable with it",
        tally.touching, tally.mergeable
    ))?;
    if tally.unseen.mergeable != 0 {
        text.append(format_args!(" ({} perhaps not)", tally.unseen.mergeable))?;
    }
    text.append(format_args!(", {} touch no other\n", tally.alone))?;
    if tally.remaining() != tally.vmas {
        text.append(format_args!(
            "{} would remain if those that are mergeable merged\n",
            Vmas(tally.remaining())
        ))?;
    }
    Ok(())
}
