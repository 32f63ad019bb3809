//! librdkafka's own table of properties.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rdkafka_sys::bindings as sys;

use super::{Configuration, PropertyRole};
use crate::raw;

struct Table {
    names: Vec<String>,
    roles: BTreeMap<String, PropertyRole>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut roles: BTreeMap<String, PropertyRole> =
        dumped().into_iter().map(|name| (name, PropertyRole::Both)).collect();
    roles.extend(shown().lines().filter_map(row));
    Table { names: roles.keys().cloned().collect(), roles }
});

pub(super) fn names() -> &'static [String] {
    &TABLE.names
}

pub(super) fn role(name: &str) -> Option<PropertyRole> {
    TABLE.roles.get(name).copied()
}

pub(super) fn from_environment_segment(segment: &str) -> Option<&'static str> {
    let wanted = segment.replace('.', "_");
    let matches = |name: &&String| {
        name.len() == wanted.len()
            && name.bytes().zip(wanted.bytes()).all(|(known, asked)| match known {
                b'.' | b'_' => asked == b'_',
                _ => known.eq_ignore_ascii_case(&asked),
            })
    };
    TABLE.names.iter().find(matches).map(String::as_str)
}

/// One row of the printed table: `name | C/P | range | ...`.
fn row(line: &str) -> Option<(String, PropertyRole)> {
    let mut cells = line.split('|').map(str::trim);
    let name = cells.next()?;
    let role = match cells.next()? {
        "*" => PropertyRole::Both,
        "C" => PropertyRole::Consumer,
        "P" => PropertyRole::Producer,
        _ => return None,
    };
    (!name.is_empty() && !name.contains(' ')).then(|| (name.to_owned(), role))
}

/// The whole table as text; the only place where aliases and roles can be had. Empty where there are no memory streams.
#[cfg(unix)]
fn shown() -> String {
    let (mut text, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the stream writes its buffer and size into the two targets, which outlive it; after it was closed the
    // buffer is ours to read and to free.
    unsafe {
        let stream = libc::open_memstream(&raw mut text, &raw mut size);
        if stream.is_null() {
            return String::new();
        }
        sys::rd_kafka_conf_properties_show(stream.cast());
        libc::fclose(stream);
        if text.is_null() {
            return String::new();
        }
        let copy = String::from_utf8_lossy(std::slice::from_raw_parts(text.cast::<u8>(), size)).into_owned();
        libc::free(text.cast());
        copy
    }
}

#[cfg(not(unix))]
fn shown() -> String {
    String::new()
}

/// The names that librdkafka lists with their values: no aliases, but also those that it does not print.
fn dumped() -> Vec<String> {
    let configuration = Configuration::new();
    let mut names = Vec::new();
    // SAFETY: a live configuration and, while it is used, its topic part, which may be null. Each dump is an array of
    // `count` strings, name and value in turn, and is freed with the same count.
    unsafe {
        let mut count = 0;
        let dump = sys::rd_kafka_conf_dump(configuration.as_ptr(), &raw mut count);
        collect(dump, count, &mut names);
        let topic = sys::rd_kafka_topic_conf_new();
        let dump = sys::rd_kafka_topic_conf_dump(topic, &raw mut count);
        collect(dump, count, &mut names);
        sys::rd_kafka_topic_conf_destroy(topic);
    }
    names
}

/// # Safety
///
/// `dump` is an array of `count` strings that librdkafka gave away; it is freed here.
unsafe fn collect(dump: *mut *const std::ffi::c_char, count: usize, names: &mut Vec<String>) {
    // SAFETY: by contract.
    unsafe {
        names.extend((0..count).step_by(2).map(|index| raw::text(*dump.add(index)).into_owned()));
        sys::rd_kafka_conf_dump_free(dump, count);
    }
}
