//! Hands several messages at once to a listener that takes them so.

use super::driver::Driver;

/// Runs a lane until it is stopped.
pub(crate) async fn run(driver: &Driver) {
    driver.run_in_order().await;
}
