//! A hundred listeners: ten consumers of ten, a topic each.

use crate::memory::Gate;
use millstream::prelude::*;

/// A consumer with ten listeners that wait at the gate.
macro_rules! shelf {
    ($shelf:ident: $($method:ident $topic:literal),+) => {
        pub(crate) struct $shelf(pub(crate) Arc<Gate>);

        #[consumer]
        impl $shelf {
            $(
                #[kafka_listener($topic, from_beginning = true)]
                async fn $method(&self, context: &Context) {
                    self.0.pass(context).await;
                }
            )+
        }
    };
}

shelf!(ShelfOne:
    on_one "shelf-0-0",
    on_two "shelf-0-1",
    on_three "shelf-0-2",
    on_four "shelf-0-3",
    on_five "shelf-0-4",
    on_six "shelf-0-5",
    on_seven "shelf-0-6",
    on_eight "shelf-0-7",
    on_nine "shelf-0-8",
    on_ten "shelf-0-9"
);
shelf!(ShelfTwo:
    on_one "shelf-1-0",
    on_two "shelf-1-1",
    on_three "shelf-1-2",
    on_four "shelf-1-3",
    on_five "shelf-1-4",
    on_six "shelf-1-5",
    on_seven "shelf-1-6",
    on_eight "shelf-1-7",
    on_nine "shelf-1-8",
    on_ten "shelf-1-9"
);
shelf!(ShelfThree:
    on_one "shelf-2-0",
    on_two "shelf-2-1",
    on_three "shelf-2-2",
    on_four "shelf-2-3",
    on_five "shelf-2-4",
    on_six "shelf-2-5",
    on_seven "shelf-2-6",
    on_eight "shelf-2-7",
    on_nine "shelf-2-8",
    on_ten "shelf-2-9"
);
shelf!(ShelfFour:
    on_one "shelf-3-0",
    on_two "shelf-3-1",
    on_three "shelf-3-2",
    on_four "shelf-3-3",
    on_five "shelf-3-4",
    on_six "shelf-3-5",
    on_seven "shelf-3-6",
    on_eight "shelf-3-7",
    on_nine "shelf-3-8",
    on_ten "shelf-3-9"
);
shelf!(ShelfFive:
    on_one "shelf-4-0",
    on_two "shelf-4-1",
    on_three "shelf-4-2",
    on_four "shelf-4-3",
    on_five "shelf-4-4",
    on_six "shelf-4-5",
    on_seven "shelf-4-6",
    on_eight "shelf-4-7",
    on_nine "shelf-4-8",
    on_ten "shelf-4-9"
);
shelf!(ShelfSix:
    on_one "shelf-5-0",
    on_two "shelf-5-1",
    on_three "shelf-5-2",
    on_four "shelf-5-3",
    on_five "shelf-5-4",
    on_six "shelf-5-5",
    on_seven "shelf-5-6",
    on_eight "shelf-5-7",
    on_nine "shelf-5-8",
    on_ten "shelf-5-9"
);
shelf!(ShelfSeven:
    on_one "shelf-6-0",
    on_two "shelf-6-1",
    on_three "shelf-6-2",
    on_four "shelf-6-3",
    on_five "shelf-6-4",
    on_six "shelf-6-5",
    on_seven "shelf-6-6",
    on_eight "shelf-6-7",
    on_nine "shelf-6-8",
    on_ten "shelf-6-9"
);
shelf!(ShelfEight:
    on_one "shelf-7-0",
    on_two "shelf-7-1",
    on_three "shelf-7-2",
    on_four "shelf-7-3",
    on_five "shelf-7-4",
    on_six "shelf-7-5",
    on_seven "shelf-7-6",
    on_eight "shelf-7-7",
    on_nine "shelf-7-8",
    on_ten "shelf-7-9"
);
shelf!(ShelfNine:
    on_one "shelf-8-0",
    on_two "shelf-8-1",
    on_three "shelf-8-2",
    on_four "shelf-8-3",
    on_five "shelf-8-4",
    on_six "shelf-8-5",
    on_seven "shelf-8-6",
    on_eight "shelf-8-7",
    on_nine "shelf-8-8",
    on_ten "shelf-8-9"
);
shelf!(ShelfTen:
    on_one "shelf-9-0",
    on_two "shelf-9-1",
    on_three "shelf-9-2",
    on_four "shelf-9-3",
    on_five "shelf-9-4",
    on_six "shelf-9-5",
    on_seven "shelf-9-6",
    on_eight "shelf-9-7",
    on_nine "shelf-9-8",
    on_ten "shelf-9-9"
);
