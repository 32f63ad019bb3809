//! Who waits for which replies.
