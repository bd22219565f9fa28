//! Client certificates: what a caller is known by in one.
//!
//! Knows names. That a certificate was issued by somebody trusted is checked elsewhere, and before.

use std::collections::HashSet;

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_cert::der::asn1::{Any, PrintableStringRef, Utf8StringRef};
use x509_cert::der::{Decode as _, oid::ObjectIdentifier};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::digest::Digest;

/// `id-at-commonName` (RFC 5280, appendix A.1).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// What a certificate is, or says of whom it is for. Names of different kinds are never the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Name {
    /// The digest of the whole certificate.
    Fingerprint(Digest),
    /// A `dNSName`, in lower case.
    Dns(String),
    /// A `uniformResourceIdentifier`.
    Uri(String),
    /// A common name of the subject.
    Common(String),
}

impl Name {
    /// Reads `sha256:DIGEST`, `dns:NAME`, `uri:URI` or `cn:NAME`.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let (kind, value) = text.split_once(':').ok_or(KINDS)?;
        match kind {
            "sha256" => Digest::read(value).map(Self::Fingerprint).ok_or("a SHA-256 digest is 64 hexadecimal digits"),
            "dns" => {
                let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
                if value.is_empty() || !value.bytes().all(of_name) {
                    return Err("a DNS name is letters, digits, '-', '.' and '_', and has no wildcard");
                }
                Ok(Self::Dns(value.to_ascii_lowercase()))
            }
            "uri" if value.contains(':') && value.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self::Uri(value.to_owned()))
            }
            "uri" => Err("a URI has a scheme and no white space"),
            "cn" if !value.is_empty() && !value.chars().any(char::is_control) => Ok(Self::Common(value.to_owned())),
            "cn" => Err("a common name is a text without control characters"),
            _ => Err(KINDS),
        }
    }
}

const KINDS: &str = "it begins with 'sha256:', 'dns:', 'uri:' or 'cn:'";

/// What a certificate is known by.
pub struct Certificate {
    pub fingerprint: Name,
    /// The other names in it. None, if it cannot be read.
    pub names: HashSet<Name>,
}

impl Certificate {
    pub fn new(der: &CertificateDer<'_>) -> Self {
        Self { fingerprint: Name::Fingerprint(Digest::of(der)), names: names(der).unwrap_or_default() }
    }
}

fn names(der: &[u8]) -> Option<HashSet<Name>> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    let certificate = certificate.tbs_certificate();
    let mut names = HashSet::new();
    if let Some((_, SubjectAltName(alternatives))) = certificate.get_extension().ok()? {
        names.extend(alternatives.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(Name::Dns(name.as_str().to_ascii_lowercase())),
            GeneralName::UniformResourceIdentifier(uri) => Some(Name::Uri(uri.as_str().to_owned())),
            _ => None,
        }));
    }
    let attributes = certificate.subject().iter_rdn().flat_map(|part| part.iter());
    let common = attributes.filter(|attribute| attribute.oid == COMMON_NAME);
    names.extend(common.filter_map(|attribute| text(&attribute.value)).map(Name::Common));
    Some(names)
}

/// The text of an attribute, in either of the two types that a new certificate may have (RFC 5280, section 4.1.2.4).
fn text(value: &Any) -> Option<String> {
    let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
    utf8.or_else(|_| value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned())).ok()
}
