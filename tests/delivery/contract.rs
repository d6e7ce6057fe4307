//! The couriers and the challenger keep the contract.

use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Challenger, Courier};
use pod_core::{Code, Contact, CustomerId};
use pod_delivery::Couriers;
use pod_emulator::TwilioTrouble;
use pod_testkit::contract::{ChallengerHarness, CourierHarness, FarEnd};
use pod_testkit::fixtures::{bjorn, bjorn_phone, email, phone, zoe_phone};

use crate::stage::Suppliers;

/// A courier, and the suppliers that it hands codes over to.
struct Carried {
    suppliers: Suppliers,
    courier: Arc<dyn Courier>,
    contact: Contact,
    unreachable: Contact,
}

impl Carried {
    async fn by_text() -> Self {
        let suppliers = Suppliers::start().await;
        Self {
            courier: Arc::new(suppliers.messages()),
            contact: zoe_phone(),
            unreachable: phone("+15005550009"),
            suppliers,
        }
    }

    async fn by_mail() -> Self {
        let suppliers = Suppliers::start().await;
        Self {
            courier: Arc::new(suppliers.smtp()),
            contact: email("zoe@example.com"),
            unreachable: email("zoe@bounce.localtest.me"),
            suppliers,
        }
    }

    /// Both at once; whoever has no telephone number is written to.
    async fn by_either() -> Self {
        let by_text = Self::by_text().await;
        Self {
            courier: Arc::new(by_text.suppliers.couriers()),
            ..by_text
        }
    }

    /// One that has no way at all to an address.
    async fn without_mail() -> Self {
        let by_text = Self::by_text().await;
        let couriers = Couriers {
            email: None,
            ..by_text.suppliers.couriers()
        };
        Self {
            courier: Arc::new(couriers),
            unreachable: email("zoe@example.com"),
            ..by_text
        }
    }
}

impl CourierHarness for Carried {
    fn courier(&self) -> Arc<dyn Courier> {
        self.courier.clone()
    }

    fn contact(&self) -> Contact {
        self.contact.clone()
    }

    fn unreachable_contact(&self) -> Contact {
        self.unreachable.clone()
    }

    async fn messages_to(&self, contact: &Contact) -> Vec<String> {
        self.suppliers.texts_to(contact)
    }
}

impl FarEnd for Carried {
    async fn fall_silent(&self) {
        fall_silent(&self.suppliers);
    }
}

fn fall_silent(suppliers: &Suppliers) {
    let silence = Duration::from_mins(1).as_millis();
    let silence = u64::try_from(silence).expect("a minute");
    let trouble = TwilioTrouble::DelayMilliseconds(silence);
    suppliers.0.twilio().trouble(u32::MAX, trouble);
    suppliers.0.mailbox().fall_silent();
}

mod twilio_messages {
    use super::*;

    pod_testkit::courier_contract!(Carried::by_text());
    pod_testkit::courier_far_end_contract!(Carried::by_text());
}

mod smtp {
    use super::*;

    pod_testkit::courier_contract!(Carried::by_mail());
    pod_testkit::courier_far_end_contract!(Carried::by_mail());
}

mod couriers {
    use super::*;

    pod_testkit::courier_contract!(Carried::by_either());
    pod_testkit::courier_far_end_contract!(Carried::by_either());
}

mod couriers_without_mail {
    use super::*;

    pod_testkit::courier_contract!(Carried::without_mail());
}

/// Verify, and the suppliers behind it.
struct Verified {
    suppliers: Suppliers,
    challenger: Arc<dyn Challenger>,
}

impl Verified {
    async fn by_twilio() -> Self {
        let suppliers = Suppliers::start().await;
        Self {
            challenger: Arc::new(suppliers.verify()),
            suppliers,
        }
    }
}

impl ChallengerHarness for Verified {
    fn challenger(&self) -> Arc<dyn Challenger> {
        self.challenger.clone()
    }

    fn contact(&self) -> Contact {
        zoe_phone()
    }

    fn contact_of(&self, customer: &CustomerId) -> Contact {
        if *customer == bjorn() {
            bjorn_phone()
        } else {
            self.contact()
        }
    }

    fn unreachable_contact(&self) -> Contact {
        phone("+15005550009")
    }

    async fn codes_to(&self, contact: &Contact) -> Vec<Code> {
        self.suppliers.codes_to(contact)
    }
}

impl FarEnd for Verified {
    async fn fall_silent(&self) {
        fall_silent(&self.suppliers);
    }
}

mod twilio_verify {
    use super::*;

    pod_testkit::challenger_contract!(Verified::by_twilio());
    pod_testkit::challenger_far_end_contract!(Verified::by_twilio());
}
