/**
 * ETL batch job with Prometheus metrics integration.
 * Demonstrates pushing metrics from a Node.js process to Pushgateway.
 */

const client = require('prom-client');

// Configuration
const PUSHGATEWAY_URL = process.env.PUSHGATEWAY_URL || 'http://pushgateway:9091';
const JOB_NAME = 'etl_job';
const INSTANCE = process.env.HOSTNAME || 'local';

// Create a dedicated registry for batch job metrics
const registry = new client.Registry();

// Add default labels that apply to all metrics from this job
registry.setDefaultLabels({
  job_name: JOB_NAME,
  instance: INSTANCE
});

// Define job metrics
const jobDuration = new client.Gauge({
  name: 'batch_job_duration_seconds',
  help: 'Duration of the ETL job in seconds',
  labelNames: ['phase'],
  registers: [registry]
});

const jobSuccess = new client.Gauge({
  name: 'batch_job_success',
  help: 'Whether the job completed successfully (1) or failed (0)',
  registers: [registry]
});

const recordsExtracted = new client.Gauge({
  name: 'etl_records_extracted_total',
  help: 'Number of records extracted from source',
  labelNames: ['source'],
  registers: [registry]
});

const recordsLoaded = new client.Gauge({
  name: 'etl_records_loaded_total',
  help: 'Number of records loaded to destination',
  labelNames: ['destination'],
  registers: [registry]
});

const recordsRejected = new client.Gauge({
  name: 'etl_records_rejected_total',
  help: 'Number of records rejected during transformation',
  labelNames: ['reason'],
  registers: [registry]
});

// Initialize Pushgateway client
const gateway = new client.Pushgateway(PUSHGATEWAY_URL, {}, registry);

/**
 * Extract data from multiple sources.
 * Tracks extraction metrics per source.
 */
async function extract() {
  const startTime = process.hrtime.bigint();

  const sources = {
    postgres: await extractFromPostgres(),
    mongodb: await extractFromMongoDB(),
    api: await extractFromAPI()
  };

  // Record extraction counts per source
  for (const [source, records] of Object.entries(sources)) {
    recordsExtracted.labels({ source }).set(records.length);
  }

  const durationNs = process.hrtime.bigint() - startTime;
  jobDuration.labels({ phase: 'extract' }).set(Number(durationNs) / 1e9);

  return Object.values(sources).flat();
}

/**
 * Transform and validate records.
 * Tracks rejected records by rejection reason.
 */
async function transform(records) {
  const startTime = process.hrtime.bigint();
  const results = { valid: [], rejected: { validation: 0, duplicate: 0, format: 0 } };

  for (const record of records) {
    const validation = validateRecord(record);

    if (validation.valid) {
      results.valid.push(transformRecord(record));
    } else {
      results.rejected[validation.reason]++;
    }
  }

  // Record rejection counts
  for (const [reason, count] of Object.entries(results.rejected)) {
    recordsRejected.labels({ reason }).set(count);
  }

  const durationNs = process.hrtime.bigint() - startTime;
  jobDuration.labels({ phase: 'transform' }).set(Number(durationNs) / 1e9);

  return results.valid;
}

/**
 * Load transformed records to destinations.
 * Tracks loaded record counts per destination.
 */
async function load(records) {
  const startTime = process.hrtime.bigint();

  // Load to data warehouse
  const warehouseCount = await loadToWarehouse(records);
  recordsLoaded.labels({ destination: 'warehouse' }).set(warehouseCount);

  // Load to search index
  const searchCount = await loadToElasticsearch(records);
  recordsLoaded.labels({ destination: 'elasticsearch' }).set(searchCount);

  const durationNs = process.hrtime.bigint() - startTime;
  jobDuration.labels({ phase: 'load' }).set(Number(durationNs) / 1e9);
}

/**
 * Main ETL job runner.
 * Orchestrates extract, transform, load phases and pushes metrics.
 */
async function runETLJob() {
  const totalStartTime = process.hrtime.bigint();

  try {
    console.log('Starting ETL job...');

    // Execute ETL phases
    const extracted = await extract();
    console.log(`Extracted ${extracted.length} records`);

    const transformed = await transform(extracted);
    console.log(`Transformed ${transformed.length} records`);

    await load(transformed);
    console.log('Load complete');

    // Mark job as successful
    jobSuccess.set(1);

  } catch (error) {
    console.error('ETL job failed:', error.message);
    jobSuccess.set(0);
    throw error;

  } finally {
    // Record total duration
    const totalDurationNs = process.hrtime.bigint() - totalStartTime;
    jobDuration.labels({ phase: 'total' }).set(Number(totalDurationNs) / 1e9);

    // Push metrics to Pushgateway before exiting
    try {
      await gateway.pushAdd({ jobName: JOB_NAME });
      console.log('Metrics pushed successfully');
    } catch (pushError) {
      console.error('Failed to push metrics:', pushError.message);
    }
  }
}

// Run the job
runETLJob()
  .then(() => process.exit(0))
  .catch(() => process.exit(1));
