//! The outside world: Amazon, a tenant, and the devices of three rooms.

use std::collections::BTreeMap;
use std::sync::Arc;

use pod_core::Menu;
use pod_core::ports::{Clock, Entropy};
use pod_emulator::{Account, Amazon, Echo, EmulatorConfig, InteractionModel, Keys};
use pod_testkit::fixtures;
use url::Url;

use super::part::Part;
use super::{ADA, GRACE};

/// What linked customers have agreed to.
pub(crate) const SCOPE: &str = "openid offline_access";

/// Amazon and the tenant are two emulators, so that each can fail alone.
pub(crate) struct House {
    pub(crate) amazon: Part,
    pub(crate) tenant: Part,
    /// What signs for Amazon, wherever the certificates are.
    pub(crate) signer: Amazon,
    /// The skill that the devices talk to.
    pub(crate) skill_id: String,
    pub(crate) echoes: BTreeMap<&'static str, Echo>,
}

/// The keys of the outside world: making new ones would take a second for
/// each conversation.
const KEYS: &str = include_str!("../../../crates/pod-emulator/tests/keys.pem");

fn keys(pem: &str) -> Keys {
    Keys::from_pem(pem).expect("four private keys")
}

/// The root of an authority that vouches for nothing of Amazon's.
pub(crate) fn strange_root() -> String {
    let mut turned: Vec<&str> = KEYS
        .split_inclusive("-----END PRIVATE KEY-----\n")
        .collect();
    turned.reverse();
    let authority = Amazon::new(&keys(&turned.concat()), fixtures::start());
    authority.expect("an authority").root().to_owned()
}

impl House {
    pub(crate) async fn build(
        menu: &Menu,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let nowhere = "http://127.0.0.1:9/".parse().expect("a URL");
        let config = EmulatorConfig {
            keys: Some(keys(KEYS)),
            ..EmulatorConfig::new(Arc::new(model(menu)), nowhere, clock, entropy)
        };
        let skill_id = config.skill_id.clone();
        let amazon = Part::start(config.clone()).await;
        let tenant = Part::start(config).await;
        let signer = amazon.emulator().amazon().clone();
        let echo = |room| (room, amazon.emulator().echo(room).expect("a device"));
        let echoes = ["kitchen", "office", "hallway"].map(echo).into();
        let mut house = Self {
            amazon,
            tenant,
            signer,
            skill_id,
            echoes,
        };
        house.link_all();
        house
    }

    pub(crate) fn echo(&mut self, room: &str) -> &mut Echo {
        self.echoes.get_mut(room).expect("a device")
    }

    pub(crate) fn send_to(&mut self, skill: &Url) {
        for echo in self.echoes.values_mut() {
            echo.set_skill_url(skill.clone());
        }
    }

    /// Links the kitchen's account and the office's at the tenant as it is
    /// now.
    pub(crate) fn link_all(&mut self) {
        self.link("kitchen", ADA);
        self.link("office", GRACE);
    }

    pub(crate) fn link(&mut self, room: &str, subject: &str) {
        let account = Account::Linked {
            tenant: self.tenant.emulator().tenant().clone(),
            subject: subject.to_owned(),
            scope: SCOPE.to_owned(),
        };
        self.echo(room).link(account);
    }
}

/// What customers of a shop with this menu can say.
fn model(menu: &Menu) -> InteractionModel {
    let sizes: Vec<_> = menu.sizes().iter().map(|e| (e.id(), e.name())).collect();
    let toppings: Vec<_> = menu.toppings().iter().map(|e| (e.id(), e.name())).collect();
    let model = pod_alexa::interaction_model("en-US", &sizes, &toppings).expect("a model");
    InteractionModel::parse(&model.to_string()).expect("a model that Amazon would build")
}
