#!/bin/bash
# daily-backup.sh - Backup script with Prometheus metrics

PUSHGATEWAY_URL="http://pushgateway:9091"
JOB_NAME="daily_backup"
INSTANCE="server-01"

# Record start time
START_TIME=$(date +%s)

# Initialize status as failed (0 = failure, 1 = success)
STATUS=0
RECORDS_PROCESSED=0

# Perform the backup operation
if pg_dump mydb | gzip > /backups/mydb-$(date +%Y%m%d).sql.gz; then
    STATUS=1
    RECORDS_PROCESSED=$(psql -t -c "SELECT COUNT(*) FROM important_table" mydb)
fi

# Calculate duration
END_TIME=$(date +%s)
DURATION=$((END_TIME - START_TIME))

# Push all metrics to Pushgateway in a single request
# The job and instance labels identify this specific job run
cat <<EOF | curl --data-binary @- "${PUSHGATEWAY_URL}/metrics/job/${JOB_NAME}/instance/${INSTANCE}"
# HELP batch_job_duration_seconds Duration of batch job in seconds
# TYPE batch_job_duration_seconds gauge
batch_job_duration_seconds ${DURATION}
# HELP batch_job_success Whether the batch job succeeded (1) or failed (0)
# TYPE batch_job_success gauge
batch_job_success ${STATUS}
# HELP batch_job_records_processed Number of records processed by batch job
# TYPE batch_job_records_processed gauge
batch_job_records_processed ${RECORDS_PROCESSED}
# HELP batch_job_last_run_timestamp Unix timestamp of last job run
# TYPE batch_job_last_run_timestamp gauge
batch_job_last_run_timestamp ${END_TIME}
EOF

echo "Metrics pushed to Pushgateway"
