use std::sync::atomic::{AtomicBool, Ordering};

static RAN: AtomicBool = AtomicBool::new(false);

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    RAN.store(true, Ordering::SeqCst);
    Ok(())
}

#[test]
fn the_body_of_main_runs() {
    assert_eq!(main(), std::process::ExitCode::SUCCESS);
    assert!(RAN.load(Ordering::SeqCst));
}
