//! An authority, a server's certificate for `localhost`, a client's for the role `certified`, and an
//! authority that signed nothing.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Writes them all, as `NAME.crt` and `NAME.key`.
pub(crate) fn write(folder: &Path) {
    let ours = authority(folder, "root");
    authority(folder, "stranger");
    signed(folder, "server", &["localhost"], "server", &ours);
    signed(folder, "client", &[], "certified", &ours);
}

fn authority(folder: &Path, name: &str) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    save(folder, name, &params.self_signed(&key).unwrap().pem(), &key);
    Issuer::new(params, key)
}

fn signed(folder: &Path, name: &str, hosts: &[&str], subject: &str, by: &Issuer<'static, KeyPair>) {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, subject);
    let key = KeyPair::generate().unwrap();
    save(folder, name, &params.signed_by(&key, by).unwrap().pem(), &key);
}

fn save(folder: &Path, name: &str, certificate: &str, key: &KeyPair) {
    std::fs::write(folder.join(format!("{name}.crt")), certificate).unwrap();
    let path = folder.join(format!("{name}.key"));
    std::fs::write(&path, key.serialize_pem()).unwrap();
    crate::cluster::set_mode(&path, 0o600);
}
