// SPDX-License-Identifier: GPL-2.0

//! Files in debugfs that stream what they say and remember who opened them.
//!
//! The kernel crate's debugfs files format their whole contents at once, share one state between
//! all openers and do not pin the module. These keep a state for each open file, produce their
//! text piece by piece as it is read, and hold the module while one is open: `rmmod` then fails
//! with `EWOULDBLOCK`.

use crate::{
    text::Text,
    vma::sys::bindings, //
};
use core::pin::Pin;
use kernel::{
    error::{
        from_err_ptr,
        from_result, //
    },
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow,
        Mutex, //
    },
    types::ForeignOwnable,
    uaccess::UserSlice, //
};

/// A file in debugfs, as one opener has it.
pub(crate) trait DebugfsFile: Sized + Send + Unpin + 'static {
    /// What all openers of the file share.
    type Shared: Send + Sync + 'static;

    /// The longest write that [`write`](Self::write) gets to see, in bytes. With 0, only root may read the file, and it
    /// can be opened under lockdown.
    const LONGEST_WRITE: usize;

    /// The most text that [`produce`](Self::produce) produces at a time, in bytes.
    const PIECE: usize = 8192;

    /// Somebody opens the file.
    fn open(shared: Arc<Self::Shared>) -> Result<Self>;

    /// Somebody writes these bytes: all of them are taken, or none and the writer gets the error. A write that cannot be seen
    /// is refused.
    fn write(&mut self, written: Result<&[u8], Unseen>) -> Result;

    /// Somebody is going to read the file from its beginning.
    fn rewind(&mut self) -> Result;

    /// Appends the next piece of the file's contents to `text`, which is empty: nothing at the end
    /// of the file.
    fn produce(&mut self, text: &mut Text) -> Result;
}

/// A write whose bytes a file does not get to see.
#[derive(Clone, Copy)]
pub(crate) enum Unseen {
    /// It has this many bytes, which is more than [`LONGEST_WRITE`](DebugfsFile::LONGEST_WRITE).
    Overlong(usize),
    /// Its bytes could not be read: there is no memory for them, or the writer has no such memory.
    Unread(Error),
}

/// A folder in debugfs, and what its files share; when it is dropped, all of it goes.
///
/// # Invariants
///
/// - `dentry` is our own folder.
/// - `shared` does not change: the files in the folder refer to what is in it.
pub(crate) struct Directory<S> {
    dentry: *mut bindings::dentry,
    shared: S,
}

// SAFETY: A dentry is not bound to a thread.
unsafe impl<S: Send> Send for Directory<S> {}
// SAFETY: As above; what is called on it takes its own locks.
unsafe impl<S: Sync> Sync for Directory<S> {}

impl<S: 'static> Directory<S> {
    /// Creates a folder in the root of debugfs, for files that share `shared`.
    pub(crate) fn new(name: &CStr, shared: S) -> Result<Self> {
        // SAFETY: The name is a C string; no parent means the root.
        let dentry = unsafe {
            bindings::debugfs_create_dir(name.as_char_ptr(), core::ptr::null_mut())
            //
        };
        // INVARIANT: The folder was just made for us.
        Ok(Self {
            dentry: from_err_ptr(dentry)?,
            shared,
        })
    }

    /// Adds a file that only root may read and write, whose openers share what `select` picks. If
    /// that is not there, neither is the file.
    ///
    /// A file that cannot be created is left out, and the log says so. If that made the module fail to load, an
    /// opener of a file that was created before would be left with code that is gone.
    pub(crate) fn add<T: DebugfsFile>(
        &self,
        name: &CStr,
        select: fn(&S) -> Option<&Arc<T::Shared>>,
    ) {
        let Some(shared) = select(&self.shared) else {
            return;
        };
        let shared = Arc::as_ptr(shared);
        // SAFETY: The name is a C string, the folder ours. The file goes before what it refers to
        // does, as the folder is removed before its fields are dropped.
        let dentry = unsafe {
            bindings::debugfs_create_file_full(
                name.as_char_ptr(),
                if T::LONGEST_WRITE > 0 { 0o600 } else { 0o400 },
                self.dentry,
                shared.cast_mut().cast(),
                core::ptr::null(),
                &OpenFile::<T>::OPERATIONS,
            )
        };
        if let Err(error) = from_err_ptr(dentry) {
            let name = name.to_str().unwrap_or("?");
            pr_err!("there is no file {name} in debugfs: {error:?}\n");
        }
    }
}

impl<S> Drop for Directory<S> {
    fn drop(&mut self) {
        // SAFETY: The folder is ours. Waits for those who are inside a file.
        unsafe { bindings::debugfs_remove(self.dentry) };
    }
}

/// What one opener has of a file.
#[pin_data]
struct OpenFile<T: DebugfsFile> {
    #[pin]
    state: Mutex<State<T>>,
}

struct State<T> {
    file: T,
    /// What was produced.
    text: Text,
    /// How much of it was read.
    read: usize,
    /// Whether the next read starts at the beginning.
    at_start: bool,
}

/// How the private data of an open file owns what the opener has.
type Private<T> = Pin<KBox<OpenFile<T>>>;

impl<T: DebugfsFile> OpenFile<T> {
    const OPERATIONS: bindings::file_operations = bindings::file_operations {
        owner: kernel::module::this_module::<crate::LocalModule>().as_ptr(),
        open: Some(Self::open),
        release: Some(Self::release),
        read: Some(Self::read),
        write: Some(Self::write),
        ..pin_init::zeroed()
    };

    /// # Safety
    ///
    /// Called by debugfs for a file made in [`Directory::add`].
    unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        from_result(|| {
            // SAFETY: `add()` stored the shared state there, and the folder keeps it.
            let shared = unsafe { ArcBorrow::<T::Shared>::from_raw((*inode).i_private.cast()) };
            let text = Text::with_capacity(T::PIECE)?;
            let opened = T::open(shared.into())?;
            let this = KBox::pin_init(
                pin_init!(Self {
                    state <- new_mutex!(State {
                        file: opened,
                        text,
                        read: 0,
                        at_start: true,
                    }),
                }),
                GFP_KERNEL,
            )?;
            // SAFETY: The file is being opened, so nobody else has it yet. Reading is in order
            // only: the text may change between two reads of one place.
            unsafe {
                (*file).private_data = this.into_foreign();
                Ok(bindings::nonseekable_open(inode, file))
            }
        })
    }

    /// # Safety
    ///
    /// Called by debugfs, once, for a file that [`open`](Self::open) has opened.
    unsafe extern "C" fn release(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: `open()` stored it there, and nobody uses the file any more.
        drop(unsafe { Private::<T>::from_foreign((*file).private_data) });
        0
    }

    /// # Safety
    ///
    /// Called by debugfs for a file that [`open`](Self::open) has opened; `buffer` is user memory.
    unsafe extern "C" fn read(
        file: *mut bindings::file,
        buffer: *mut c_char,
        length: usize,
        _position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: `open()` stored it there, and the file stays open during the call.
        let this = unsafe { Private::<T>::borrow((*file).private_data) };
        result_to_length(this.read_some(UserPtr::from_ptr(buffer.cast()), length))
    }

    /// # Safety
    ///
    /// As for [`read`](Self::read).
    unsafe extern "C" fn write(
        file: *mut bindings::file,
        buffer: *const c_char,
        length: usize,
        _position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: As in `read()`.
        let this = unsafe { Private::<T>::borrow((*file).private_data) };
        result_to_length(this.write_all(UserPtr::from_ptr(buffer.cast_mut().cast()), length))
    }

    fn read_some(&self, buffer: UserPtr, length: usize) -> Result<usize> {
        let mut state = self.state.lock();
        let state = &mut *state;

        if state.at_start {
            state.text.clear();
            state.read = 0;
            state.file.rewind()?;
            state.at_start = false;
        }
        if state.read >= state.text.as_bytes().len() {
            state.text.clear();
            state.read = 0;
            state.file.produce(&mut state.text)?;
        }
        let rest = state.text.as_bytes().get(state.read..).unwrap_or(&[]);
        let rest = rest.get(..length).unwrap_or(rest);
        UserSlice::new(buffer, rest.len())
            .writer()
            .write_slice(rest)?;
        state.read += rest.len();
        Ok(rest.len())
    }

    fn write_all(&self, buffer: UserPtr, length: usize) -> Result<usize> {
        let mut state = self.state.lock();
        state.at_start = true;
        let bytes = if length > T::LONGEST_WRITE {
            Err(Unseen::Overlong(length))
        } else {
            read_bytes(buffer, length).map_err(Unseen::Unread)
        };
        state
            .file
            .write(bytes.as_deref().map_err(|unseen| *unseen))?;
        Ok(length)
    }
}

fn read_bytes(buffer: UserPtr, length: usize) -> Result<KVec<u8>> {
    let mut bytes = KVec::with_capacity(length, GFP_KERNEL)?;
    UserSlice::new(buffer, length).read_all(&mut bytes, GFP_KERNEL)?;
    Ok(bytes)
}

fn result_to_length(result: Result<usize>) -> isize {
    match result {
        Ok(length) => isize::try_from(length).unwrap_or(isize::MAX),
        Err(error) => error.to_errno() as isize,
    }
}
