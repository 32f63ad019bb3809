use millstream::prelude::*;

trait Clock: Send + Sync {}
trait Calendar {}

#[component(provides = [dyn Clock, dyn Calendar + Send + Sync], provides = dyn std::fmt::Debug + Send + Sync)]
#[derive(Debug)]
struct Sundial;

impl Clock for Sundial {}
impl Calendar for Sundial {}

#[component]
struct Shelf(Arc<Sundial>, #[config("shelf.size")] Option<u32>, #[default] Vec<u8>);

struct Plain;

#[component(eager = true)]
impl Plain {
    fn init() -> Self {
        Self
    }

    fn shutdown(&self) {}
}

struct Failing;

#[component]
impl Failing {
    const KEY: &str = "failing.name";

    async fn init(#[config(Self::KEY)] name: String, shelf: Arc<Shelf>) -> anyhow::Result<Failing> {
        anyhow::bail!("{name} {} {:?} {}", shelf.2.len(), shelf.0, shelf.1.is_some())
    }

    async fn shutdown(&self) -> anyhow::Result<()> {
        self.other().await
    }

    async fn other(&self) -> anyhow::Result<()> {
        Ok(())
    }
}
