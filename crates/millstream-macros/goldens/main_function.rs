fn main() -> ::std::process::ExitCode {
    async fn main() -> Result<(), RunError> {
        App::from_args()?.run().await
    }
    ::millstream::__private::run_main_with(
        ::millstream::__private::RuntimeOptions::new().worker_threads(4),
        main(),
    )
}
