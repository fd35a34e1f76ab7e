// SPDX-License-Identifier: GPL-2.0

//! `explain` and `explain.jsonl`: why a process has so many VMAs.
//!
//! Write `<pid>` or `<pid> <start> <end>`, optionally followed by `summary` (see `subject.rs`), then read (see
//! `reading.rs`). For each boundary between two VMAs, a line says whether an operation that changes neither of them
//! would merge them, and if not, lists every reason. A summary follows the lines; with `summary`, the answer consists
//! of the summary only. `question.rs` describes which question a read answers. If there is no question, the answer is
//! about the reader's own process.

mod reading;
mod subject;

use self::reading::Reading;
pub(super) use self::subject::Subject;
use super::{
    command,
    question::{
        LastQuestion,
        Question,
        Reply, //
    }, //
};
use crate::{
    explain::form::{
        Form,
        LONGEST_PART, //
    },
    sys::debugfs::{
        DebugfsFile,
        Unseen, //
    },
    text::Text,
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// An open file whose answers have the form `F`.
pub(super) struct Explain<F> {
    question: Question<Subject>,
    reply: Reply<Subject, KBox<Reading>>,
    _form: PhantomData<F>,
}

impl<F: Form + Send + Unpin + 'static> DebugfsFile for Explain<F> {
    type Shared = LastQuestion<Subject>;

    const LONGEST_WRITE: usize = command::LONGEST_LINE + 1;

    const PIECE: usize = LONGEST_PART;

    fn open(last: Arc<LastQuestion<Subject>>) -> Result<Self> {
        Ok(Self {
            question: Question::new(last),
            reply: Reply::Nothing,
            _form: PhantomData,
        })
    }

    fn write(&mut self, written: Result<&[u8], Unseen>) -> Result {
        self.question.ask(|reason| Subject::parse(written, reason))
    }

    fn rewind(&mut self) -> Result {
        // If the new answer fails to begin, the old one must not remain.
        self.reply = Reply::Nothing;
        self.reply = self.question.reply(|subject, asked_by| match subject {
            Some(subject) => Reading::new(subject, asked_by),
            None => Reading::of_caller(),
        })?;
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        self.reply
            .produce::<F>(text, |reading, text| reading.produce::<F>(text))
    }
}
