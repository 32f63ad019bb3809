#[millstream::main("four", threads = 4, flavor = "multithread", worker_threads = 0)]
async fn main() {}
