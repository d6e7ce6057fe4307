//! What a tenant starts with.

/// What the tenant is to be like when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSetup {
    /// What is there already.
    pub contents: TenantContents,
    /// How many codes an hour one address may ask for.
    pub codes_per_hour: u32,
    /// How many requests a second the Management API answers.
    pub management_per_second: u32,
    /// Where the web client may return to after a login.
    pub web_callbacks: Vec<String>,
    /// Where the web client may return to after a logout.
    pub web_logout_urls: Vec<String>,
}

/// What is in a new tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantContents {
    /// All that the demo needs: API, clients, connections, Ada and Grace.
    Demo,
    /// As Auth0 hands it over: nothing but one client that may do everything.
    Empty,
}

impl Default for TenantSetup {
    /// The demo's, with Auth0's 50 codes an hour.
    fn default() -> Self {
        let app = "http://127.0.0.1:7100/pod/app";
        Self {
            contents: TenantContents::Demo,
            codes_per_hour: 50,
            management_per_second: 1000,
            web_callbacks: vec![format!("{app}/oidc/callback")],
            web_logout_urls: vec![format!("{app}/?said=signed-out")],
        }
    }
}

impl TenantSetup {
    /// A tenant as Auth0 hands it over.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            contents: TenantContents::Empty,
            ..Self::default()
        }
    }
}
