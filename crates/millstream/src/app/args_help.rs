//! The text of `--help`.

pub(super) const HELP: &str = "\
Runs the application until SIGTERM or Ctrl-C.

Options:
  --check              check configuration and annotations, and contact no broker
  --print-config       print the effective configuration with the place that set each value
  --listeners          print the table of listeners
  --only ID,..         run these listeners only
  --set KEY=VALUE      set one value of the configuration, over every file and variable; can be repeated
  --env NAME           name the environment; else MILLSTREAM_ENV does, else it is `development`
  --config DIR         name the directory of the configuration files; else MILLSTREAM_CONFIG does, else
                       `config` is looked for
  -h, --help           print this

Exit codes: 0 clean, 1 failed while running, 2 configuration or start, 3 drain deadline or second signal";
