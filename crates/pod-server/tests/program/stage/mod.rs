//! What the tests of the program stand on: a folder, processes, a world, HTTP.

pub(crate) mod http;
mod leaks;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod pusher;
pub(crate) mod settings;
pub(crate) mod world;
