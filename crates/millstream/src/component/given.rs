//! Components given by hand: `.component(value)` and `.provide::<dyn Trait>(arc)`.

use super::injector::Components;
use millstream_config::Problem;
use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

/// Values that win over every `#[component]` of the same type.
#[derive(Default)]
pub(crate) struct Given {
    values: Vec<GivenValue>,
}

struct GivenValue {
    type_id: TypeId,
    name: &'static str,
    value: Box<dyn Any + Send + Sync>,
}

impl fmt::Debug for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.names()).finish()
    }
}

impl Given {
    pub(crate) fn insert<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) {
        self.values.push(GivenValue {
            type_id: TypeId::of::<T>(),
            name: std::any::type_name::<T>(),
            value: Box::new(value),
        });
    }

    pub(crate) fn contains(&self, type_id: TypeId) -> bool {
        self.values.iter().any(|given| given.type_id == type_id)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().map(|given| given.name)
    }

    /// Types that were given more than once.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let repeated = self.values.iter().enumerate().filter(|(index, given)| {
            self.values.iter().take(*index).filter(|earlier| earlier.type_id == given.type_id).count() == 1
        });
        repeated
            .map(|(_, given)| {
                Problem::new(format!("the component `{}` was given more than once", given.name))
                    .with_suggestion("keep one `.component(value)` or `.provide(value)` for each type")
            })
            .collect()
    }

    pub(crate) fn into_components(self) -> Components {
        self.values.into_iter().map(|given| (given.type_id, given.value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_given_twice_is_one_problem() {
        let mut given = Given::default();
        for number in 0..3_u32 {
            given.insert(Arc::new(number));
        }
        given.insert(Arc::new("text"));
        assert_eq!(given.problems().len(), 1);
        assert!(given.problems()[0].to_string().contains("`u32`"));
    }
}
