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
    /// What is given before anything is built, and was not given by hand.
    announced: Vec<(TypeId, &'static str)>,
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

    /// Promises a value that is inserted later.
    pub(crate) fn announce<T: ?Sized + 'static>(&mut self) {
        self.announced.push((TypeId::of::<T>(), std::any::type_name::<T>()));
    }

    /// Gives a value unless another was given by hand.
    pub(crate) fn insert_absent<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) {
        if !self.values.iter().any(|given| given.type_id == TypeId::of::<T>()) {
            self.insert(value);
        }
    }

    pub(crate) fn contains(&self, type_id: TypeId) -> bool {
        let announced = self.announced.iter().any(|(announced, _)| *announced == type_id);
        announced || self.values.iter().any(|given| given.type_id == type_id)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let announced = self.announced.iter().map(|(_, name)| *name);
        self.values.iter().map(|given| given.name).chain(announced)
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
    fn what_was_given_by_hand_stands_over_what_was_announced() {
        let mut given = Given::default();
        given.announce::<u32>();
        assert!(given.contains(TypeId::of::<u32>()));
        given.insert(Arc::new(1_u32));
        given.insert_absent(Arc::new(2_u32));
        assert!(given.problems().is_empty());
        let components = given.into_components();
        let value = components.get(&TypeId::of::<u32>()).and_then(|value| value.downcast_ref::<Arc<u32>>());
        assert_eq!(value.map(|value| **value), Some(1));
    }

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
