//! The environment's variables, as the loader was given them.

/// A look into the variables of a request.
#[derive(Clone, Copy)]
pub(crate) struct Variables<'v> {
    readable: &'v [(String, String)],
    unreadable: &'v [String],
}

impl<'v> Variables<'v> {
    pub(crate) fn new(readable: &'v [(String, String)], unreadable: &'v [String]) -> Self {
        Self { readable, unreadable }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'v str> {
        self.all().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The value of a variable that counts as not set when it is empty.
    pub(crate) fn get_filled(&self, name: &str) -> Option<&'v str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn is_unreadable(&self, name: &str) -> bool {
        self.unreadable.iter().any(|known| known == name)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&'v str, &'v str)> + use<'v> {
        self.readable.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn all_unreadable(&self) -> impl Iterator<Item = &'v str> + use<'v> {
        self.unreadable.iter().map(String::as_str)
    }
}
