// SPDX-License-Identifier: GPL-2.0

//! The question that somebody writes to a file, for those who read the file.
//!
//! A question belongs to the open file through which it was written, whose readers get its answer and no other. A
//! file through which nothing was written, as a shell opens it to read, has the last question of all. A refused
//! question is a question, too: its readers are told why it was refused.

use super::command::LONGEST_SENTENCE;
use crate::{
    errno::ErrnoName,
    explain::form::Form,
    process::Asker,
    text::{
        Full,
        Text, //
    },
};
use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex,
        UniqueArc, //
    }, //
};

/// A question as it was written.
pub(super) struct Asked<T> {
    /// The question, or its refusal.
    question: Result<T, Refusal>,
    asker: Option<Asker>,
}

/// The refusal of a question.
pub(super) struct Refusal {
    /// The error that the writer got.
    errno: Error,
    /// The reason, in a sentence.
    reason: Text,
}

impl Refusal {
    /// Appends what readers are told. `asked_by` is the process that asked, if it was not the reader.
    fn tell<F: Form>(&self, asked_by: Option<i32>, text: &mut Text) -> Result {
        let errno = ErrnoName(self.errno);
        F::refusal(fmt!("{errno}"), self.reason.as_bytes(), asked_by, text).map_err(|Full| ENOSPC)
    }
}

impl<T> Asked<T> {
    /// Asks for what `read` makes of the words of the caller, or for why it refuses them, and returns the result for the
    /// caller. Fails with `ENOMEM`.
    fn new(read: impl FnOnce(&mut Text) -> Result<T>) -> Result<(Arc<Self>, Result)> {
        // Allocated first, so that each refusal can be told.
        let place = UniqueArc::new_uninit(GFP_KERNEL)?;
        let mut reason = Text::with_capacity(LONGEST_SENTENCE)?;
        let question = read(&mut reason).map_err(|errno| Refusal { errno, reason });
        let result = match &question {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.errno),
        };
        let asked = place.write(Self {
            question,
            asker: Asker::current(),
        });
        Ok((asked.into(), result))
    }
}

/// The last question that was written to a file; all its openers share it.
#[pin_data]
pub(super) struct LastQuestion<T> {
    #[pin]
    asked: Mutex<Option<Arc<Asked<T>>>>,
    /// Stands for a question that there was no memory to remember.
    without_memory: Arc<Asked<T>>,
}

impl<T> LastQuestion<T> {
    /// Returns no question. Fails with `ENOMEM`.
    pub(super) fn new() -> Result<impl PinInit<Self>> {
        let reason = "there was no memory to remember the question";
        let mut text = Text::with_capacity(reason.len())?;
        refuse(&mut text, ENOMEM, fmt!("{reason}"));
        let without_memory = Arc::new(
            Asked {
                question: Err(Refusal {
                    errno: ENOMEM,
                    reason: text,
                }),
                asker: None,
            },
            GFP_KERNEL,
        )?;
        Ok(pin_init!(Self {
            asked <- new_mutex!(None),
            without_memory,
        }))
    }
}

/// The question of an open file.
pub(super) struct Question<T> {
    last: Arc<LastQuestion<T>>,
    /// The last question that was written through this open file.
    own: Option<Arc<Asked<T>>>,
}

impl<T> Question<T> {
    /// Returns the question of a file that was just opened: the last one of all.
    pub(super) fn new(last: Arc<LastQuestion<T>>) -> Self {
        Self { last, own: None }
    }

    /// Takes what `read` makes of the words of the caller as the question. If `read` fails, it has written the
    /// reason, and that is what readers are told.
    pub(super) fn ask(&mut self, read: impl FnOnce(&mut Text) -> Result<T>) -> Result {
        let (asked, result) =
            Asked::new(read).unwrap_or_else(|errno| (self.last.without_memory.clone(), Err(errno)));
        self.own = Some(asked.clone());
        // The old one is dropped after the lock is released.
        let _old = self.last.asked.lock().replace(asked);
        result
    }

    /// Returns the reply to the question, of which nothing was read: what `begin` makes of the question and of the
    /// process that asked, if it was not the reader, or of neither if there is no question.
    pub(super) fn reply<A>(
        &self,
        begin: impl FnOnce(Option<&T>, Option<i32>) -> Result<A>,
    ) -> Result<Reply<T, A>> {
        let Some((asked, asked_by)) = self.get() else {
            return Ok(Reply::Answer(begin(None, None)?));
        };
        match &asked.question {
            Ok(question) => Ok(Reply::Answer(begin(Some(question), asked_by)?)),
            Err(_) => Ok(Reply::Refusal(asked, asked_by)),
        }
    }

    /// Returns the question, if there is one, and the process that asked it, if that is not behind the caller.
    fn get(&self) -> Option<(Arc<Asked<T>>, Option<i32>)> {
        if let Some(own) = &self.own {
            return Some((own.clone(), None));
        }
        let asked = self.last.asked.lock().clone()?;
        let asker = asked.asker.as_ref();
        let other = asker.filter(|asker| !asker.is_behind_caller());
        let asked_by = other.map(Asker::pid);
        Some((asked, asked_by))
    }
}

/// The reply to a question, as far as it was not read.
pub(super) enum Reply<T, A> {
    Nothing,
    /// The question was refused; the reason is to be told, and the process that asked, if it was not the reader.
    Refusal(Arc<Asked<T>>, Option<i32>),
    Answer(A),
}

impl<T, A> Reply<T, A> {
    /// Appends the next piece of the reply: the refusal, in this form, or what `produce` makes of the answer.
    pub(super) fn produce<F: Form>(
        &mut self,
        text: &mut Text,
        produce: impl FnOnce(&mut A, &mut Text) -> Result,
    ) -> Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Refusal(asked, asked_by) => {
                if let Err(refusal) = &asked.question {
                    refusal.tell::<F>(*asked_by, text)?;
                }
                *self = Self::Nothing;
                Ok(())
            }
            Self::Answer(answer) => produce(answer, text),
        }
    }
}

/// Writes the reason for a refusal, and returns its error.
pub(super) fn refuse(reason: &mut Text, errno: Error, why: fmt::Arguments<'_>) -> Error {
    // One that does not fit is left out rather than cut.
    let _ = reason.append(why);
    errno
}
