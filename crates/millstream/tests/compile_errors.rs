//! What the compiler says about mistakes in annotations: see `ui/README.md`.
//!
//! Nothing here is to pass: trybuild would then build every library once more, instead of checking it.

#[test]
fn mistakes_are_told_as_the_goldens_say() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/arguments/*.rs");
    cases.compile_fail("tests/ui/client/*.rs");
    cases.compile_fail("tests/ui/component/*.rs");
    cases.compile_fail("tests/ui/injection/*.rs");
    cases.compile_fail("tests/ui/main_function/*.rs");
    cases.compile_fail("tests/ui/options/*.rs");
    cases.compile_fail("tests/ui/placement/*.rs");
    cases.compile_fail("tests/ui/results/*.rs");
    cases.compile_fail("tests/ui/signature/*.rs");
    cases.compile_fail("tests/ui/values/*.rs");
}
