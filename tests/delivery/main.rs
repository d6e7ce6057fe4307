//! The couriers and the challenger of pod-delivery, against Twilio and a mail
//! server as the emulator plays them.

mod abuse;
mod contacts;
mod contract;
mod failing;
mod stage;
mod verifying;
