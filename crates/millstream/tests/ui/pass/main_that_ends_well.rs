use std::sync::atomic::{AtomicBool, Ordering};

static RAN: AtomicBool = AtomicBool::new(false);

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    RAN.store(true, Ordering::SeqCst);
    if RAN.load(Ordering::SeqCst) {
        return Ok(());
    }
    std::process::exit(9)
}
