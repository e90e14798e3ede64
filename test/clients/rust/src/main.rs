//! Does with the prometheus crate what each line of the standard input says; ../../program.ts tells what is in them.

use std::collections::HashMap;
use std::io::{stdin, BufRead};

use prometheus::proto::MetricFamily;
use prometheus::{
    push_add_metrics, push_metrics, BasicAuthentication, CounterVec, Gauge, Histogram, HistogramOpts, Opts, Registry,
    Result,
};

fn main() {
    for line in stdin().lock().lines().map_while(std::io::Result::ok) {
        match carry_out(&line) {
            Ok(()) => println!("ok"),
            Err(error) => {
                let words: Vec<String> = error.to_string().split_whitespace().map(str::to_owned).collect();
                println!("failed: {}", words.join(" "));
            }
        }
    }
}

fn carry_out(line: &str) -> Result<()> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [operation, metrics, url, login, _compression, _, job, pairs @ ..] = fields.as_slice() else {
        return Err(prometheus::Error::Msg(format!("not a command: {line}")));
    };
    let grouping: HashMap<String, String> = pairs
        .chunks_exact(2)
        .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
        .collect();
    let basic_auth = login.split_once(':').map(|(user, password)| BasicAuthentication {
        username: user.to_owned(),
        password: password.to_owned(),
    });
    let push = match *operation {
        "push" => push_metrics,
        "add" => push_add_metrics,
        _ => return Err(prometheus::Error::Msg(format!("there is no operation {operation}"))),
    };
    push(job, grouping, url, families(metrics)?, basic_auth)
}

/// The crate has no summaries.
fn families(metrics: &str) -> Result<Vec<MetricFamily>> {
    let registry = Registry::new();
    let queue = Gauge::new("backup_queue_length", "Files that wait.")?;
    registry.register(Box::new(queue.clone()))?;
    if metrics == "gauge" {
        queue.set(2.0);
        return Ok(registry.gather());
    }
    queue.set(1.5);
    let files = CounterVec::new(Opts::new("backup_files_total", "Files that were looked at."), &["outcome"])?;
    files.with_label_values(&[r#"said "done" in C:\ ✓"#]).inc_by(3.0);
    registry.register(Box::new(files))?;
    let options = HistogramOpts::new("backup_step_seconds", "How long the steps took.").buckets(vec![0.1, 1.0, 10.0]);
    let steps = Histogram::with_opts(options)?;
    steps.observe(0.5);
    steps.observe(5.0);
    registry.register(Box::new(steps))?;
    Ok(registry.gather())
}
