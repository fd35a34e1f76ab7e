// SPDX-License-Identifier: GPL-2.0

//! The question that a user writes to a file, and the reply that readers of the file get.
//!
//! A question belongs to the open file through which it was written; readers of that open file get only its answer.
//! If nothing was written through an open file, for example because a shell opened it to read, readers get the answer
//! to the last question that was written through any open file. A refused question also counts: its readers see the
//! reason for the refusal.

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
    /// Appends the refusal for readers. `asked_by` is the process that asked, if it was not the reader.
    fn tell<F: Form>(&self, asked_by: Option<i32>, text: &mut Text) -> Result {
        let errno = ErrnoName(self.errno);
        F::refusal(fmt!("{errno}"), self.reason.as_bytes(), asked_by, text).map_err(|Full| ENOSPC)
    }
}

impl<T> Asked<T> {
    /// Asks the question that `read` returns, or records its refusal with the reason that `read` has written. Returns
    /// the question, and the result for the caller. Fails with `ENOMEM`.
    fn new(read: impl FnOnce(&mut Text) -> Result<T>) -> Result<(Arc<Self>, Result)> {
        // Allocated first, so that every refusal can be reported.
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

/// The last question that was written to a file, shared by all openers of the file.
#[pin_data]
pub(super) struct LastQuestion<T> {
    #[pin]
    asked: Mutex<Option<Arc<Asked<T>>>>,
    /// The refused question that is used if there is no memory for the actual one.
    without_memory: Arc<Asked<T>>,
}

impl<T> LastQuestion<T> {
    /// Returns an initializer that holds no question yet. Fails with `ENOMEM`.
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
    /// Returns the question of a file that was just opened: the last question through any open file.
    pub(super) fn new(last: Arc<LastQuestion<T>>) -> Self {
        Self { last, own: None }
    }

    /// Sets the question to the one that `read` returns. If `read` fails, readers see the reason that it has written.
    pub(super) fn ask(&mut self, read: impl FnOnce(&mut Text) -> Result<T>) -> Result {
        let (asked, result) =
            Asked::new(read).unwrap_or_else(|errno| (self.last.without_memory.clone(), Err(errno)));
        self.own = Some(asked.clone());
        // The old question is dropped after the lock is released.
        let _old = self.last.asked.lock().replace(asked);
        result
    }

    /// Returns the reply to the question, with nothing read yet. `begin` starts the answer. Its arguments are the
    /// question, if there is one, and the process that asked, if it was not the reader.
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

    /// Returns the question, if there is one, and the process that asked it, unless the caller reads on its behalf.
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

/// The part of the reply to a question that has not been read yet.
pub(super) enum Reply<T, A> {
    Nothing,
    /// The refusal of a question, and the process that asked, if it was not the reader.
    Refusal(Arc<Asked<T>>, Option<i32>),
    Answer(A),
}

impl<T, A> Reply<T, A> {
    /// Appends the next piece of the reply: the refusal in the form `F`, or the piece of the answer that `produce`
    /// appends.
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
    // A reason that does not fit is left out rather than cut.
    let _ = reason.append(why);
    errno
}
