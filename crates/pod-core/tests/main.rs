//! The use cases on fakes: what comes of each, and what is kept.

mod outages;
mod stage;

mod begin_request;
mod cancel_order;
mod clear_history;
mod confirm_order;
mod deadline;
mod enrolling;
mod forget_customer;
mod link_account;
mod place_order;
mod report_undelivered;
mod resend_code;
mod show_orders;
mod unlock_customer;
