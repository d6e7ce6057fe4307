//! Where a browser is sent so that the tenant signs the customer out.

use pod_core::ports::SignIn as _;
use pod_testkit::fixtures;
use url::Url;

use crate::provider::{CLIENT, Pairs, Provider, SIGNED_OUT, pairs};

#[tokio::test]
async fn the_browser_takes_the_id_token_along_and_is_told_where_to_return() {
    let provider = Provider::start().await;
    let signed_in = provider.sign_zoe_in().await.unwrap();

    let url = provider.sign_in.sign_out(&signed_in.id_token, "a b&c");

    let left = provider.leave(&url);
    assert_eq!(left, Some((fixtures::zoe(), "a b&c".to_owned())));
    let url = Url::parse(url.expose()).unwrap();
    assert!(
        url.as_str()
            .starts_with(&format!("{}oidc/logout?", provider.issuer()))
    );
    let expected = [
        ("id_token_hint", signed_in.id_token.expose()),
        ("client_id", CLIENT),
        ("post_logout_redirect_uri", SIGNED_OUT),
        ("state", "a b&c"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(url.query().unwrap()), Pairs::from(expected));
}
