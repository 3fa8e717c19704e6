//! `bench-sync`: bytes, round trips and time of syncing, as JSON. `SIMPUL_BIN` names the relay's binary.

use std::process::ExitCode;

use anyhow::Context as _;
use futures::executor::block_on;
use tests::bench::envelope::{Envelope, Limit};
use tests::bench::sync::{Measured, Options, measure};

/// The size and the line for which a wall time is promised.
const WALL_N: usize = 3_000;
const WALL_RTT_MS: u64 = 300;

fn options() -> anyhow::Result<Options> {
    let binary = std::env::var_os("SIMPUL_BIN").context("SIMPUL_BIN does not name the relay's binary")?;
    let mut options = Options {
        sizes: vec![300, 1000, 3000],
        changed: 12,
        rtts_ms: vec![0, 300],
        runs: 3,
        seed: 42,
        binary: binary.into(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--json" {
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--n" => options.sizes = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--k" => options.changed = value.parse()?,
            "--rtt-ms" => options.rtts_ms = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--runs" => options.runs = value.parse()?,
            "--seed" => options.seed = value.parse()?,
            "--client" => anyhow::ensure!(value == "native", "only the native client is measured here"),
            _ => anyhow::bail!("{word} is no option of this bench"),
        }
    }
    Ok(options)
}

fn main() -> anyhow::Result<ExitCode> {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("bench-sync: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    let cases = block_on(measure(&options))?;
    let converged = cases.iter().all(|case| case.converged);
    let limits = limits(&options, &cases);
    let envelope = Envelope::new("sync", options.seed, cases, limits, converged);
    println!("{}", serde_json::to_string(&envelope)?);
    Ok(if envelope.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn limits(options: &Options, cases: &[Measured]) -> Vec<Limit> {
    let mut limits = Vec::new();
    for n in &options.sizes {
        let of = |case: &str| cases.iter().filter(move |one| one.n == *n && one.case == case).collect::<Vec<_>>();
        let bytes = |case: &str| {
            most(of(case).into_iter().map(|one| u32::try_from(one.bytes_total).map_or(f64::MAX, f64::from)))
        };
        let trips = |case: &str| {
            most(of(case).into_iter().map(|one| u32::try_from(one.round_trips).map_or(f64::MAX, f64::from)))
        };
        let first = most(of("first").into_iter().map(|one| one.bytes_per_doc));
        limits.push(Limit::most("sync.first.bytes_per_doc", "B", 600.0, first, *n));
        limits.push(Limit::most("sync.idle.bytes_total", "B", 1024.0, bytes("idle"), *n));
        limits.push(Limit::most("sync.changed.bytes_total", "B", 5120.0, bytes("changed"), *n));
        limits.push(Limit::most("sync.idle.round_trips", "1", 1.0, trips("idle"), *n));
        limits.push(Limit::most("sync.changed.round_trips", "1", 1.0, trips("changed"), *n));
        if *n == WALL_N && options.rtts_ms.contains(&WALL_RTT_MS) {
            let walls = of("first").into_iter().filter(|one| one.rtt_ms == WALL_RTT_MS).map(|one| one.wall_ms);
            limits.push(Limit::most("sync.first.wall_ms", "ms", 3000.0, median(walls.collect()), *n));
        }
    }
    limits
}

fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::MAX)
}
