use millstream::prelude::*;

struct Billing {
    limit: u64,
}

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, Json(cents): Json<u64>, #[header("trace-id")] trace: Option<&str>) -> Result<()> {
        assert_eq!(trace, Some("t"));
        (cents <= self.limit).then_some(()).ok_or_else(|| Error::new("too much"))
    }
}

#[test]
fn a_listener_is_called_like_any_method() {
    assert_eq!(main(), std::process::ExitCode::SUCCESS);
}

#[millstream::main]
async fn main() -> Result<()> {
    let billing = Billing { limit: 10 };
    billing.on_order(Json(10), Some("t")).await?;
    assert!(billing.on_order(Json(11), Some("t")).await.is_err());
    Ok(())
}
