use millstream::prelude::*;

type Metadata = Context;
type Text<'a> = Option<&'a str>;

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn context_last(&self, payload: Text<'_>, headers: Headers<'_>, metadata: &Metadata) {
        println!("{payload:?} {} {}", headers.iter().count(), metadata.offset());
    }

    #[kafka_listener("orders")]
    async fn context_first(&self, metadata: &Metadata, #[header("trace-id")] trace: Text<'_>, _: Option<Timestamp>) {
        println!("{trace:?} {}", metadata.offset());
    }

    #[kafka_listener("orders")]
    async fn no_arguments(&self) {}
}
