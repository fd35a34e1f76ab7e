// SPDX-License-Identifier: GPL-2.0

//! Files in debugfs that stream their contents and keep separate state for each opener.
//!
//! The kernel crate's debugfs files format their whole contents in one step, share one state among all openers, and do
//! not pin the module. The files defined here keep separate state for each open file, produce their text piece by piece
//! as it is read, and pin the module while a file is open: `rmmod` then fails with `EWOULDBLOCK`.

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

/// One open file in debugfs.
pub(crate) trait DebugfsFile: Sized + Send + Unpin + 'static {
    /// The state that all openers of the file share.
    type Shared: Send + Sync + 'static;

    /// The size of the largest write that is passed to [`write`](Self::write), in bytes. If it is 0, the file is
    /// read-only, and can be opened under lockdown.
    const LONGEST_WRITE: usize;

    /// The size of the largest piece that [`produce`](Self::produce) appends at a time, in bytes.
    const PIECE: usize = 8192;

    /// Opens the file.
    fn open(shared: Arc<Self::Shared>) -> Result<Self>;

    /// Accepts all of the bytes written, or fails and accepts none. The writer gets the error. Implementations reject
    /// an [`Unseen`] write.
    fn write(&mut self, written: Result<&[u8], Unseen>) -> Result;

    /// Prepares to produce the contents from the beginning.
    fn rewind(&mut self) -> Result;

    /// Appends the next piece of the file's contents to `text`, which is empty. Appends nothing at the end of the
    /// file.
    fn produce(&mut self, text: &mut Text) -> Result;
}

/// A write whose bytes are not passed to the file.
#[derive(Clone, Copy)]
pub(crate) enum Unseen {
    /// The write has this many bytes, more than [`LONGEST_WRITE`](DebugfsFile::LONGEST_WRITE).
    Overlong(usize),
    /// The bytes could not be read: out of memory, or a bad address from the writer.
    Unread(Error),
}

/// A directory in debugfs, and the state that its files share. Dropping the value removes the directory and its
/// files.
///
/// # Invariants
///
/// - `dentry` is a directory that this value owns.
/// - `shared` does not change, because the files in the directory refer to its contents.
pub(crate) struct Directory<S> {
    dentry: *mut bindings::dentry,
    shared: S,
}

// SAFETY: A dentry is not bound to a thread.
unsafe impl<S: Send> Send for Directory<S> {}
// SAFETY: A dentry is not bound to a thread, and the functions called on it take their own locks.
unsafe impl<S: Sync> Sync for Directory<S> {}

impl<S: 'static> Directory<S> {
    /// Creates a directory in the root of debugfs, for files that share `shared`.
    pub(crate) fn new(name: &CStr, shared: S) -> Result<Self> {
        // SAFETY: The name is a C string. A null parent means the root of debugfs.
        let dentry = unsafe {
            bindings::debugfs_create_dir(name.as_char_ptr(), core::ptr::null_mut())
            //
        };
        // INVARIANT: The directory was just created.
        Ok(Self {
            dentry: from_err_ptr(dentry)?,
            shared,
        })
    }

    /// Adds a file that only root may open. The openers share the state that `select` returns. If `select` returns
    /// `None`, no file is added.
    ///
    /// If the file cannot be created, this function logs an error and returns. If the module failed to load instead,
    /// its code would be freed while a process might hold one of the earlier files open.
    pub(crate) fn add<T: DebugfsFile>(
        &self,
        name: &CStr,
        select: fn(&S) -> Option<&Arc<T::Shared>>,
    ) {
        let Some(shared) = select(&self.shared) else {
            return;
        };
        let shared = Arc::as_ptr(shared);
        // SAFETY: The name is a C string, and the directory is ours. `Drop` removes the file before the fields that
        // the file refers to are dropped.
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
            pr_err!("cannot create the file {name} in debugfs: {error:?}\n");
        }
    }
}

impl<S> Drop for Directory<S> {
    fn drop(&mut self) {
        // SAFETY: The directory is ours. The call waits for operations that are in progress on its files.
        unsafe { bindings::debugfs_remove(self.dentry) };
    }
}

/// The private data of an open file.
#[pin_data]
struct OpenFile<T: DebugfsFile> {
    #[pin]
    state: Mutex<State<T>>,
}

struct State<T> {
    file: T,
    /// The current piece of text.
    text: Text,
    /// The number of bytes of `text` that were read.
    read: usize,
    /// Whether the next read starts at the beginning.
    at_start: bool,
}

/// The owning pointer in the private data of an open file.
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
    /// Only debugfs calls this, for a file created by [`Directory::add`].
    unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        from_result(|| {
            // SAFETY: `add()` stored the shared state in `i_private`, and the directory keeps that state alive.
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
            // SAFETY: The file is being opened, so nobody else uses it yet. The file is nonseekable because its text
            // may change between two reads of the same position.
            unsafe {
                (*file).private_data = this.into_foreign();
                Ok(bindings::nonseekable_open(inode, file))
            }
        })
    }

    /// # Safety
    ///
    /// Only debugfs calls this, once, for a file opened by [`open`](Self::open).
    unsafe extern "C" fn release(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: `open()` stored the pointer in `private_data`, and nobody uses the file any more.
        drop(unsafe { Private::<T>::from_foreign((*file).private_data) });
        0
    }

    /// # Safety
    ///
    /// Only debugfs calls this, for a file opened by [`open`](Self::open). `buffer` is user memory.
    unsafe extern "C" fn read(
        file: *mut bindings::file,
        buffer: *mut c_char,
        length: usize,
        _position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: `open()` stored the pointer in `private_data`, and the file stays open during the call.
        let this = unsafe { Private::<T>::borrow((*file).private_data) };
        result_to_length(this.read_some(UserPtr::from_ptr(buffer.cast()), length))
    }

    /// # Safety
    ///
    /// Only debugfs calls this, for a file opened by [`open`](Self::open). `buffer` is user memory.
    unsafe extern "C" fn write(
        file: *mut bindings::file,
        buffer: *const c_char,
        length: usize,
        _position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: `open()` stored the pointer in `private_data`, and the file stays open during the call.
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
