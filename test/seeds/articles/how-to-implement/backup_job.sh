#!/bin/bash
# backup_job.sh - Backup script with metrics

PUSHGATEWAY="http://pushgateway:9091"
JOB_NAME="database_backup"
INSTANCE="db-primary"

# Start timing
START_TIME=$(date +%s.%N)

# Perform backup
pg_dump -h localhost -U postgres mydb > /backup/mydb_$(date +%Y%m%d).sql
BACKUP_STATUS=$?
BACKUP_SIZE=$(stat -f%z /backup/mydb_$(date +%Y%m%d).sql 2>/dev/null || echo 0)

# Calculate duration
END_TIME=$(date +%s.%N)
DURATION=$(echo "$END_TIME - $START_TIME" | bc)

# Prepare metrics
cat <<EOF | curl --data-binary @- "${PUSHGATEWAY}/metrics/job/${JOB_NAME}/instance/${INSTANCE}"
# HELP backup_duration_seconds Time taken to complete backup
# TYPE backup_duration_seconds gauge
backup_duration_seconds ${DURATION}
# HELP backup_size_bytes Size of backup file in bytes
# TYPE backup_size_bytes gauge
backup_size_bytes ${BACKUP_SIZE}
# HELP backup_last_completion_timestamp Unix timestamp of last backup completion
# TYPE backup_last_completion_timestamp gauge
backup_last_completion_timestamp ${END_TIME}
# HELP backup_success Whether the backup succeeded (1) or failed (0)
# TYPE backup_success gauge
backup_success $([[ $BACKUP_STATUS -eq 0 ]] && echo 1 || echo 0)
EOF

echo "Backup completed: status=$BACKUP_STATUS, size=$BACKUP_SIZE, duration=${DURATION}s"
