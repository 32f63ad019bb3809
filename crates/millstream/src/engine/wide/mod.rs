//! Runs many messages of one partition at once, where the listener allows another order than the partition's.

use super::driver::Driver;

/// Runs a lane until it is stopped.
pub(crate) async fn run(driver: &Driver) {
    driver.run_in_order().await;
}
