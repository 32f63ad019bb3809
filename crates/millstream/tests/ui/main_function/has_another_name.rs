#[millstream::main]
async fn run() {}

fn main() {}
