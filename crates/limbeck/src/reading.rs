//! Models, read while the database is: their files first, and what they mean on a thread of its own once
//! somebody needs it.

use std::thread::JoinHandle;

use limbeck_model::{Declared, Diagnostic, SourceFile};

use crate::comparing;
use crate::context::Ctx;
use crate::exit::Result;

/// The files of the models, and what is being made of them.
pub(crate) struct Models {
    files: Vec<SourceFile>,
    reader: Option<JoinHandle<(Declared, Vec<Diagnostic>)>>,
}

impl Models {
    /// Finds the files.
    pub(crate) fn find(ctx: &Ctx) -> Result<Self> {
        let files = comparing::model_files(ctx)?;
        comparing::refuse_no_models(ctx, &files)?;
        Ok(Self { files, reader: None })
    }

    /// The files; none, once they are being read.
    pub(crate) fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Begins to read them, where that has not begun.
    pub(crate) fn begin(&mut self) {
        if self.reader.is_none() {
            let files = std::mem::take(&mut self.files);
            self.reader = Some(std::thread::spawn(move || limbeck_model::read_files(files)));
        }
    }

    /// What they declare; every mistake is reported.
    pub(crate) fn declared(mut self) -> Result<Declared> {
        self.begin();
        match self.reader.take().map(JoinHandle::join) {
            Some(Ok(read)) => comparing::declared(read),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(Declared::default()),
        }
    }
}
