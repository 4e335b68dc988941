//! Object ids, objects, catalogs, and one folder per kind with what that kind knows.
