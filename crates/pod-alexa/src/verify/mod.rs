//! Verification of requests.
