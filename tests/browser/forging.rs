//! Pages of other origins that have a customer's browser send something.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::stage::{Browser, Demo, Driver};

/// A page of another origin, and where it is.
async fn serve(page: String) -> u16 {
    let router = Router::new().route("/", get(|| async { Html(page) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(axum::serve(listener, router).into_future());
    port
}

/// The id of the order that is on the page.
async fn order(ada: &Browser) -> String {
    // In one step: the page takes away what it has just shown.
    ada.find("[data-order]").await;
    let order = "return document.querySelector('[data-order]').dataset.order";
    let order = ada.run(order).await;
    order.as_str().expect("an order").to_owned()
}

/// A form that is sent by itself, from `127.0.0.1`, which is the same site to
/// a browser, so that it sends the cookie, and from `localhost`, which is not.
#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_form_on_a_page_of_another_origin_has_no_effect() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    let code = demo.order("kitchen", "a large pizza with onions").await;
    ada.be_ada(&demo).await;
    let id = order(&ada).await;

    for path in [
        &*format!("orders/{id}/cancel"),
        &format!("orders/{id}/resend"),
        &format!("orders/{id}/confirm"),
        "orders/clear",
        "profile/unlink",
        "profile/sign-out-everywhere",
        "profile/erase",
        "sign-out",
    ] {
        let page = format!(
            "<form method=post action='{}/{path}'><input name=code value={code}></form>\
             <script>document.forms[0].submit()</script>",
            demo.app
        );
        let port = serve(page).await;
        for host in ["127.0.0.1", "localhost"] {
            ada.open(&format!("http://{host}:{port}/")).await;
            ada.is_at("/pod/app/").await;
            let text = ada.text().await;
            let refused = "This came from another page, and was not done.";
            assert!(text.contains(refused), "{host}, {path}: {text}");
        }
    }

    ada.open(&format!("{}/orders", demo.app)).await;
    ada.reads("awaits its code").await;
    ada.reads("3 attempts are left.").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_script_on_a_page_of_another_origin_does_nothing_and_reads_nothing() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    demo.order("kitchen", "a large pizza with onions").await;
    ada.be_ada(&demo).await;
    let id = order(&ada).await;
    let port = serve("<p>Win a pizza</p>".to_owned()).await;

    for host in ["127.0.0.1", "localhost"] {
        ada.open(&format!("http://{host}:{port}/")).await;
        let sent = format!(
            "return fetch('{}/orders/{id}/cancel', {{method: 'POST', mode: 'no-cors', \
             credentials: 'include'}}).then(() => 'read', () => 'failed')",
            demo.app
        );
        // It came through, and was refused: the page may not know even that.
        assert_eq!(ada.run(&sent).await, "failed", "{host}");
        for path in ["orders", "orders/live", "profile/data.json", "events"] {
            let read = format!(
                "return fetch('{}/{path}', {{credentials: 'include'}})\
                 .then(answer => answer.text(), () => 'failed')",
                demo.app
            );
            assert_eq!(ada.run(&read).await, "failed", "{host}, {path}");
        }
    }

    ada.open(&format!("{}/orders", demo.app)).await;
    ada.reads("awaits its code").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_page_of_another_origin_may_not_show_the_app_in_a_frame() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    demo.order("kitchen", "a large pizza with onions").await;
    ada.be_ada(&demo).await;

    let page = format!("<iframe src='{}/orders'></iframe>", demo.app);
    let port = serve(page).await;
    for host in ["127.0.0.1", "localhost"] {
        ada.open(&format!("http://{host}:{port}/")).await;
        ada.find("iframe").await.enter_frame().await.unwrap();
        let shown = ada.text().await;
        assert!(!shown.contains("large pizza"), "{host}: {shown}");
    }
}
