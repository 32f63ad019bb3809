//! Instructions of a request on each side, which do not depend on what else the machine does.

use super::process::Place;
use super::task::{Asking, Pair};
use crate::callgrind::{self, Profile};
use anyhow::Result;

const ASKING: Asking = Asking { in_flight: 100, warm_up: 2_000, requests: 20_000, step: None };

pub(super) fn measure(place: &Place<'_>, run: &str) -> Result<()> {
    if !callgrind::is_installed() {
        println!("instructions: not counted, valgrind is not installed");
        return Ok(());
    }
    for pair in [Pair::BARE, Pair::MILLSTREAM] {
        let of_service = Profile::new(&format!("requests-{:?}-service", pair.service))?;
        let of_requester = Profile::new(&format!("requests-{:?}-requester", pair.requester))?;
        let group = format!("bench-requests-{run}-instructions");
        let wrappers = [&of_service.wrapper()[..], &of_requester.wrapper()[..]];
        let mut running = place.open(pair, false, &group, ASKING, wrappers)?;
        let (requester, service) = running.ids();
        let all = [Some(requester), service];
        all.into_iter().flatten().try_for_each(|id| Profile::count(id, true))?;
        let outcome = running.ask(|_, _, _| Ok(()))?;
        all.into_iter().flatten().try_for_each(|id| Profile::count(id, false))?;
        running.end()?;
        let each = |profile: &Profile| anyhow::Ok(profile.instructions()? as f64 / outcome.asked.cost.messages as f64);
        println!(
            "instructions of a request, {}: requester {:.0}, service {:.0}; {} and {}",
            pair.name(),
            each(&of_requester)?,
            each(&of_service)?,
            of_requester.file().display(),
            of_service.file().display()
        );
    }
    Ok(())
}
