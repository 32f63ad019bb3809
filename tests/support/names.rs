//! Names and ports that no other test uses.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A topic or group name that no other test, process or earlier run uses: `orders-<run>-<count>`.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{:x}-{:x}-{count}", since.as_secs(), process::id())
}

/// A port on loopback where nothing listens: for a broker that is away, or one that will be started there.
///
/// # Panics
/// When the system has no free port.
pub fn unused_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
    let address = listener.local_addr().expect("a bound socket has an address");
    address.port()
}

#[cfg(test)]
mod tests {
    use super::{unique, unused_port};

    #[test]
    fn nothing_listens_on_an_unused_port() {
        let port = unused_port();
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    #[test]
    fn two_names_with_one_prefix_differ() {
        assert_ne!(unique("orders"), unique("orders"));
    }

    #[test]
    fn a_name_is_a_legal_topic_name() {
        let name = unique("orders");
        assert!(name.len() < 249);
        assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'));
    }
}
