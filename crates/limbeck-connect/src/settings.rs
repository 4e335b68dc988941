//! Parameters with what stands behind them: the text, then the service, then the environment, as libpq has it.

use crate::error::Error;
use crate::keyword::Keyword;
use crate::parameters::Parameters;
use crate::service;
use crate::surroundings::Surroundings;

/// Parameters in layers.
pub(crate) struct Settings<'a> {
    text: &'a Parameters,
    service: Parameters,
    surroundings: &'a Surroundings,
}

impl<'a> Settings<'a> {
    /// Reads the service, if one is named.
    pub(crate) fn resolve(text: &'a Parameters, surroundings: &'a Surroundings) -> Result<Self, Error> {
        let mut settings = Settings { text, service: Parameters::default(), surroundings };
        if let Some(service) = settings.get(Keyword::Service) {
            let file = text.said(Keyword::ServiceFile);
            settings.service = service::find(service, file, surroundings)?;
        }
        Ok(settings)
    }

    /// A parameter's value. An empty one hides those behind it and says nothing itself.
    pub(crate) fn get(&self, keyword: Keyword) -> Option<&str> {
        let variable = || keyword.variable().and_then(|name| self.surroundings.variable(name));
        let value = self.text.get(keyword).or_else(|| self.service.get(keyword)).or_else(variable);
        value.filter(|value| !value.is_empty())
    }

    /// Whether the value comes from the environment.
    pub(crate) fn is_variable(&self, keyword: Keyword) -> bool {
        self.text.get(keyword).is_none() && self.service.get(keyword).is_none()
    }

    /// The name of a parameter, or of the variable that it comes from, for messages.
    pub(crate) fn name(&self, keyword: Keyword) -> &'static str {
        match keyword.variable() {
            Some(variable) if self.is_variable(keyword) => variable,
            _ => keyword.word(),
        }
    }

    /// That a value can't be.
    pub(crate) fn invalid(&self, keyword: Keyword, expected: impl Into<String>) -> Error {
        let value = self.get(keyword).unwrap_or_default().to_owned();
        Error::Invalid { keyword: self.name(keyword), value, expected: expected.into() }
    }

    /// That a value can't be had.
    pub(crate) fn unsupported(&self, keyword: Keyword, why: impl Into<String>) -> Error {
        let name = self.name(keyword);
        let keyword = match self.get(keyword) {
            Some(value) if !keyword.is_secret() => format!("{name}={value}"),
            _ => name.to_owned(),
        };
        Error::Unsupported { keyword, why: why.into() }
    }

    /// Refuses what libpq would heed and this crate would have to ignore. What changes nothing about whom one
    /// speaks with, or how safely, is ignored: keepalives, compression, encodings, names of GSSAPI.
    pub(crate) fn refuse_unsupported(&self) -> Result<(), Error> {
        use Keyword::*;
        let only = |keyword: Keyword, fine: &[&str], why: &str| match self.get(keyword) {
            Some(value) if !fine.contains(&value) => Err(self.unsupported(keyword, why)),
            _ => Ok(()),
        };
        only(GssEncMode, &["disable", "prefer"], "there is no GSSAPI here")?;
        only(ChannelBinding, &["disable", "prefer"], "the driver doesn't bind SCRAM to the TLS channel")?;
        only(SslNegotiation, &["postgres"], "TLS is asked for by the server's protocol")?;
        only(SslSni, &["1"], "the host's name is always sent")?;
        only(SslMinProtocolVersion, &["TLSv1", "TLSv1.1", "TLSv1.2"], "TLS 1.2 and 1.3 are both taken")?;
        only(SslMaxProtocolVersion, &["TLSv1.3"], "TLS 1.2 and 1.3 are both taken")?;
        only(MinProtocolVersion, &["3.0"], "the protocol is version 3.0")?;
        only(
            SslCertMode,
            &["disable", "allow"],
            "a server that doesn't ask for a certificate can't be told",
        )?;
        only(Replication, &["false", "off", "no", "0"], "this is no client for replication")?;
        let nothing = "leave it out, or use a connection that needs none of it";
        for keyword in [
            SslCrl,
            SslCrlDir,
            SslKeyLogFile,
            RequirePeer,
            RequireAuth,
            ScramClientKey,
            ScramServerKey,
            OauthIssuer,
            OauthClientId,
            OauthClientSecret,
            OauthScope,
        ] {
            only(keyword, &[], nothing)?;
        }
        Ok(())
    }
}
