/**
 * What is pushed: groups `job-<n>/host-<m>`, a hundred hosts a job, each holding 5 families in 12 series (about 1 kB of
 * text), as a batch job of a fleet reports them.
 */

export const SERIES_PER_GROUP = 12;

const HOSTS_PER_JOB = 100;

/** The push path of group number `index`; push.lua computes the same. */
export function groupPath(index: number): string {
  return `/metrics/job/job-${Math.floor(index / HOSTS_PER_JOB)}/instance/host-${index % HOSTS_PER_JOB}`;
}

/** Distinct bodies of one length: `variant` (0 or more) changes every value. The same variant is the same body. */
export function pushBody(variant: number): string {
  const digits = digitsFrom(variant);
  const steps = `3${digits(4)}`;
  return `# HELP batch_records_processed_total Records handled by the last run, by outcome.
# TYPE batch_records_processed_total counter
batch_records_processed_total{outcome="inserted"} 4${digits(5)}
batch_records_processed_total{outcome="updated"} 2${digits(5)}
batch_records_processed_total{outcome="rejected"} 1${digits(3)}
# HELP batch_run_duration_seconds How long the last run took.
# TYPE batch_run_duration_seconds gauge
batch_run_duration_seconds 1${digits(2)}.${digits(5)}1
# HELP batch_last_success_timestamp_seconds When the last successful run ended.
# TYPE batch_last_success_timestamp_seconds gauge
batch_last_success_timestamp_seconds 17600${digits(5)}
# HELP batch_step_duration_seconds How long the steps of the last run took.
# TYPE batch_step_duration_seconds histogram
batch_step_duration_seconds_bucket{le="0.1"} 1${digits(4)}
batch_step_duration_seconds_bucket{le="1"} 2${digits(4)}
batch_step_duration_seconds_bucket{le="+Inf"} ${steps}
batch_step_duration_seconds_sum 9${digits(3)}.${digits(5)}1
batch_step_duration_seconds_count ${steps}
# HELP batch_bytes Bytes moved by the last run.
# TYPE batch_bytes gauge
batch_bytes{direction="read"} 8${digits(8)}
batch_bytes{direction="written"} 6${digits(8)}
`;
}

/** So many bodies that those of neighbouring groups differ: a scrape must not compress better than in real life. */
export const BODY_VARIANTS = 1_000;

/** Decimal digits that look random and are the same for the same seed. */
function digitsFrom(seed: number): (count: number) => string {
  // The generator of Park and Miller: state below 2^31, so that the product stays an exact integer.
  let state = (seed + 1) * 16_807;
  return (count) => {
    let text = "";
    while (text.length < count) {
      state = (state * 48_271) % 2_147_483_647;
      text += (state >> 8) % 10;
    }
    return text;
  };
}
