//! A stop waits for what was begun for customers who no longer listen.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pod_alexa::verify::SkillIds;
use pod_auth0::{Audience, Auth0Domain};
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Contact, CustomerId, Menu, PhoneNumber, Stage};
use pod_emulator::{Account, Emulator, EmulatorConfig, Keys, SignedRequest};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::*;

/// Making new ones would take a second.
const KEYS: &str = include_str!("../../../../pod-emulator/tests/keys.pem");

const ADA: &str = "auth0|ada";

/// Takes every message, but not before it is let.
struct Slow {
    asked: Semaphore,
    go: Semaphore,
}

#[async_trait]
impl Courier for Slow {
    async fn deliver(&self, _delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        self.asked.add_permits(1);
        let _go = self.go.acquire().await.unwrap();
        Ok(())
    }
}

/// The world outside, and the id of the skill that its devices talk to.
async fn emulator() -> (Emulator, String) {
    let menu = Menu::default();
    let nowhere = "http://127.0.0.1:9/".parse().unwrap();
    let world = crate::demo::emulator(&menu, nowhere).unwrap();
    let config = EmulatorConfig {
        keys: Some(Keys::from_pem(KEYS).unwrap()),
        ..world
    };
    let skill_id = config.skill_id.clone();
    (Emulator::start(config).await.unwrap(), skill_id)
}

/// What Ada's device sends when she orders.
fn order(world: &Emulator) -> SignedRequest {
    let mut echo = world.echo("kitchen").unwrap();
    echo.link(Account::Linked {
        tenant: world.tenant().clone(),
        subject: ADA.to_owned(),
        scope: "openid order:pizza".to_owned(),
    });
    let order = echo.compose("Alexa, ask Pizza on Demand for a small pizza");
    world.amazon().sign(order.unwrap().to_string()).unwrap()
}

async fn post(to: SocketAddr, request: &SignedRequest) -> TcpStream {
    let [first, second] = request.headers();
    let head = format!(
        "POST /pod/alexa HTTP/1.1\r\nhost: pod\r\n{}: {}\r\n{}: {}\r\ncontent-length: {}\r\n\r\n",
        first.0,
        first.1,
        second.0,
        second.1,
        request.body.len()
    );
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&request.body).await.unwrap();
    stream
}

#[tokio::test]
async fn a_stop_waits_for_an_order_whose_customer_hung_up() {
    let (world, skill_id) = emulator().await;
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(&directory);
    config.alexa.skill_ids = SkillIds::parse(&skill_id).unwrap();
    config.alexa.trust_anchors = Some(world.amazon().root().into());
    config.identity.domain = Auth0Domain::parse(&world.tenant_url()).unwrap();
    config.identity.audience = Audience::parse(world.tenant().audience()).unwrap();
    let courier = Arc::new(Slow {
        asked: Semaphore::new(0),
        go: Semaphore::new(0),
    });
    let outside = Outside {
        couriers: Suppliers::Given(courier.clone()),
        route: Route {
            proxy: Some(format!("http://{}", world.proxy())),
            authorities: Some(world.amazon().root().into()),
        },
        framed: false,
    };
    let house = open(directory, config, outside).await;
    let assembled = house.running.assembled();
    let ada = CustomerId::parse(ADA).unwrap();
    let phone = Contact::Phone(PhoneNumber::parse("+14155550142").unwrap());
    let kept = assembled.store.keep_contacts(&ada, &[phone]).await;
    kept.unwrap();
    let mut events = assembled.announcer.listen();

    let stream = post(house.skill, &order(&world)).await;
    let _asked = courier.asked.acquire().await.unwrap();
    drop(stream);
    let stop = tokio::spawn(house.running.stop());
    // Everything but the order has ended by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let ended_early = stop.is_finished();
    courier.go.add_permits(1);
    stop.await.unwrap();

    assert!(!ended_early);
    let stages: Vec<Stage> = std::iter::from_fn(|| events.try_recv().ok())
        .map(|event| event.stage)
        .collect();
    assert_eq!(stages, [Stage::AwaitingCode]);
    world.shutdown().await;
}
