use millstream::prelude::*;

#[allow(non_camel_case_types)]
#[consumer]
struct r#move {
    #[config("billing.type")]
    r#type: String,
}

#[consumer]
impl r#move {
    #[kafka_listener("orders")]
    async fn r#match(&self, r#ref: &str) {
        println!("{} {}", self.r#type, r#ref);
    }
}
