use millstream::prelude::*;

struct Billing;

#[derive(Debug)]
struct Mistake;

impl std::fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("mistake")
    }
}

impl std::error::Error for Mistake {}

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn anyhow(&self) -> anyhow::Result<()> {
        anyhow::bail!("no")
    }

    #[kafka_listener("orders")]
    async fn own(&self) -> std::result::Result<(), Mistake> {
        Err(Mistake)
    }

    #[kafka_listener("orders")]
    async fn boxed(&self) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err("no".into())
    }

    #[kafka_listener("orders")]
    async fn terminal(&self) -> Result<()> {
        "x".parse::<u32>().terminal()?;
        Ok(())
    }
}
