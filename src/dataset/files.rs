//! Files that belong to their owner alone, written whole or not at all.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};

/// Creates a folder and its parents, mode 0700.
pub fn create_folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| Error::io("create the folder", path, &e))
}

/// Creates or empties a file, mode 0600.
pub fn create(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| Error::io("create the file", path, &e))
}

/// Writes a file beside its place and renames it there, so that a reader sees the old bytes or the new.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    let mut file = create(&beside)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| Error::io("write the file", path, &e))?;
    std::fs::rename(&beside, path).map_err(|e| Error::io("put the file in place", path, &e))
}

/// Makes a rename in a folder survive a power cut. Some file systems refuse to sync a folder; they are
/// then as safe as they can be.
pub fn sync_folder(path: &Path) {
    if let Ok(folder) = File::open(path) {
        let _ = folder.sync_all();
    }
}
