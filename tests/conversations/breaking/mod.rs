//! Breaking: the store fails at each step, before the step had any effect and
//! after. Whatever the customer hears is true, and in the end the order can be
//! confirmed once.

use std::time::Duration;

mod besides;
mod confirming;
mod placing;

const ORDER: &str = "Alexa, ask Pizza on Demand for a large pizza";
const CODE: &str = "Alexa, tell Pizza on Demand the code is <code 1>";
const STATUS: &str = "Alexa, ask Pizza on Demand what became of my order";
const RESEND: &str = "Alexa, ask Pizza on Demand to send the code again";
const HALF_A_MINUTE: Duration = Duration::from_secs(30);
