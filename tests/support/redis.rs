//! The Redis that tests use.

use std::env;

/// The address that `MILLSTREAM_TEST_REDIS` names. Without one the test is skipped and says so, unless
/// `MILLSTREAM_TEST_REQUIRE=real`, which makes the lack a failure.
pub fn redis_url() -> Option<String> {
    let url = env::var("MILLSTREAM_TEST_REDIS").ok();
    if url.is_none() {
        assert!(
            !env::var("MILLSTREAM_TEST_REQUIRE").is_ok_and(|required| required == "real"),
            "MILLSTREAM_TEST_REDIS is not set, and MILLSTREAM_TEST_REQUIRE=real asks for a real Redis; start one with \
             scripts/redis start"
        );
        eprintln!("skipped: MILLSTREAM_TEST_REDIS names no Redis (scripts/redis start prints one)");
    }
    url
}
