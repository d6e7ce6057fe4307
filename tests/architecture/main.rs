//! The arrows of the architecture, read from the manifests; what no source may
//! hold; and the documents that must not rot.

mod arrows;
mod documents;
mod sources;
mod tree;
