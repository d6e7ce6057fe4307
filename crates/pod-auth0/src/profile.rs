//! What a tenant knows of a user: how the user can be reached, and whose word
//! that is.

use pod_core::{Contact, EmailAddress, PhoneNumber};
use serde_json::Value;

use crate::connection::ConnectionName;

/// A user's profile, as far as it matters here.
pub(crate) struct Profile {
    /// The user's name at the tenant: the `sub` of tokens.
    pub(crate) user: Box<str>,
    /// Telephones that the tenant or its administrator vouches for.
    phones: Vec<Contact>,
    /// A telephone that nobody but the user vouches for.
    claimed: Option<Contact>,
    /// An address that the tenant vouches for.
    email: Option<Contact>,
    /// The ways in which the user can sign in; the user's own is the first.
    pub(crate) identities: Vec<Identity>,
}

/// One way to sign in.
#[derive(Clone)]
pub(crate) struct Identity {
    provider: Box<str>,
    connection: Box<str>,
    /// Its name at its provider.
    pub(crate) name: Box<str>,
    contact: Option<Contact>,
}

impl Profile {
    /// Reads a user as the Management API shows it. What cannot be read in it
    /// is not there.
    pub(crate) fn read(user: &Value) -> Option<Self> {
        let name = user["user_id"].as_str()?;
        let shown = user["identities"].as_array().map_or(&[][..], Vec::as_slice);
        let mut phones = Vec::from_iter(verified_phone(user));
        phones.extend(phone(&user["app_metadata"]));
        let mut identities = Vec::new();
        for (place, identity) in shown.iter().enumerate() {
            // A user's own identity has the user's contacts.
            let known = if place == 0 {
                user
            } else {
                &identity["profileData"]
            };
            let text = |field: &str| identity[field].as_str();
            let (Some(provider), Some(connection), Some(name)) =
                (text("provider"), text("connection"), text("user_id"))
            else {
                continue;
            };
            let contact = match provider {
                "sms" => {
                    phones.extend(verified_phone(known));
                    phone(known)
                }
                "email" => email(known),
                _ => None,
            };
            identities.push(Identity {
                provider: provider.into(),
                connection: connection.into(),
                name: name.into(),
                contact,
            });
        }
        Some(Self {
            user: name.into(),
            phones,
            claimed: phone(&user["user_metadata"]),
            email: (user["email_verified"] == true)
                .then(|| email(user))
                .flatten(),
            identities,
        })
    }

    /// Where the user can be reached, the preferred way first.
    pub(crate) fn contacts(&self) -> Vec<Contact> {
        let mut contacts: Vec<Contact> = Vec::new();
        let phones = self.phones.iter().chain(&self.claimed);
        for contact in phones.chain(&self.email) {
            if !contacts.contains(contact) {
                contacts.push(contact.clone());
            }
        }
        contacts
    }

    /// Whether somebody else than the user vouches for a contact.
    pub(crate) fn vouches_for(&self, contact: &Contact) -> bool {
        self.phones
            .iter()
            .chain(&self.email)
            .any(|known| known == contact)
    }

    /// Whether the user can sign in with a contact by this connection.
    pub(crate) fn signs_in_with(&self, connection: &ConnectionName, contact: &Contact) -> bool {
        let mut identities = self.identities.iter();
        identities.any(|identity| identity.is(connection, contact))
    }
}

impl Identity {
    /// Whether it is this connection's, and has this contact.
    pub(crate) fn is(&self, connection: &ConnectionName, contact: &Contact) -> bool {
        *self.connection == *connection.as_str()
            && *self.provider == *provider(contact)
            && self.contact.as_ref() == Some(&as_kept(contact))
    }
}

/// What the tenant calls the provider of a contact's passwordless connection.
pub(crate) fn provider(contact: &Contact) -> &'static str {
    match contact {
        Contact::Phone(_) => "sms",
        Contact::Email(_) => "email",
    }
}

/// An address as the tenant keeps it.
pub(crate) fn as_kept(contact: &Contact) -> Contact {
    match contact {
        Contact::Phone(_) => contact.clone(),
        Contact::Email(address) => EmailAddress::parse(&address.expose().to_lowercase())
            .map_or_else(|_| contact.clone(), Contact::Email),
    }
}

fn verified_phone(known: &Value) -> Option<Contact> {
    (known["phone_verified"] == true)
        .then(|| phone(known))
        .flatten()
}

fn phone(known: &Value) -> Option<Contact> {
    let number = known["phone_number"].as_str()?;
    PhoneNumber::parse(number).ok().map(Contact::Phone)
}

fn email(known: &Value) -> Option<Contact> {
    let address = known["email"].as_str()?.to_lowercase();
    EmailAddress::parse(&address).ok().map(Contact::Email)
}
