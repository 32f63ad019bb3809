//! The process of a requester, of a service, or of both.

use super::bare::{self, Responder};
use super::ours::Running;
use super::task::{Half, Make, PairTask};
use crate::child::say;
use crate::quiet::resident;
use crate::window::Window;
use anyhow::{Result, bail};

pub(crate) fn play(task: &PairTask) -> Result<()> {
    match (task.make, task.half) {
        (Make::Bare, Half::Requester) => bare::ask(task),
        (Make::Bare, Half::Both) => {
            answer_beside(task)?;
            bare::ask(task)
        }
        (Make::Bare, Half::Service) => {
            answer_beside(task)?;
            tell_costs()
        }
        (Make::Millstream, Half::Requester | Half::Both) => Running::start(task)?.ask(task.asking),
        (Make::Millstream, Half::Service) => {
            let running = Running::start(task)?;
            tell_costs()?;
            running.end()
        }
        (Make::Nest, _) => bail!("NestJS has a program of its own"),
    }
}

fn answer_beside(task: &PairTask) -> Result<()> {
    let responder = Responder::new(task)?;
    std::thread::spawn(move || {
        if let Err(error) = responder.answer_for_ever() {
            eprintln!("the responder: {error:#}");
            std::process::exit(1);
        }
    });
    Ok(())
}

/// What a service does beside answering.
fn tell_costs() -> Result<()> {
    say("ready")?;
    let mut window = Window::open();
    loop {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        match line.trim_end() {
            "open" => {
                window = Window::open();
                say("open")?;
            }
            "cost" => say(&serde_json::to_string(&window.cost(0))?)?,
            "resident" => say(&resident()?.to_string())?,
            _ => return Ok(()),
        }
    }
}
