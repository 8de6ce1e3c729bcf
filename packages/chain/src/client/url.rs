//! How a node's address is shown: an operator's URL may carry a password or an API key, and errors end
//! up in logs.

/// Scheme, host and port of a URL; nothing else of it.
pub(super) fn origin(url: &str) -> String {
    let url = crate::node::shown(url);
    let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    // A name or a password with a slash in it looks like a host.
    let is_torn = host.len() == authority.len() && rest[end..].contains('@');
    let host = if is_torn { "(hidden)" } else { host };
    match scheme {
        "" => host.to_owned(),
        scheme => format!("{scheme}://{host}"),
    }
}

/// A text with every URL in it cut down to its origin: those of the HTTP client name the whole of it.
pub(super) fn scrubbed(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let start = rest[..at].trim_end_matches(is_scheme).len();
        let ends = |c: char| c.is_whitespace() || matches!(c, ')' | '"' | '\'' | '>');
        let end = rest[at..].find(ends).map_or(rest.len(), |n| at + n);
        out.push_str(&rest[..start]);
        out.push_str(&origin(&rest[start..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_are_shown() {
        for (url, shown) in [
            ("http://localhost:26657", "http://localhost:26657"),
            ("https://rpc.example/v1/KEY", "https://rpc.example"),
            ("https://rpc.example?key=KEY", "https://rpc.example"),
            (
                "https://me:PASS@rpc.example:443/x",
                "https://rpc.example:443",
            ),
            ("https://me:PA@SS@rpc.example", "https://rpc.example"),
            ("http://[::1]:26657/KEY", "http://[::1]:26657"),
            ("me:PASS@rpc.example/KEY", "rpc.example"),
            ("https://me:PA/SS@rpc.example", "https://(hidden)"),
            ("no url", "no url"),
        ] {
            assert_eq!(origin(url), shown);
        }
    }

    #[test]
    fn urls_in_a_text_are_cut() {
        let said = "error sending request for url (https://a:B@rpc.example:1/KEY?x=Y): refused";
        let shown = "error sending request for url (https://rpc.example:1): refused";
        assert_eq!(scrubbed(said), shown);
        assert_eq!(
            scrubbed("see http://a/K and wss://b/K"),
            "see http://a and wss://b"
        );
        assert_eq!(scrubbed("nothing"), "nothing");
    }
}
