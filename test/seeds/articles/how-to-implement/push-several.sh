# Push multiple metrics
cat <<EOF | curl --data-binary @- http://pushgateway:9091/metrics/job/etl_pipeline/instance/server1
# TYPE batch_job_duration_seconds gauge
batch_job_duration_seconds 42.5
# TYPE batch_job_records_processed counter
batch_job_records_processed 15000
# TYPE batch_job_last_success_timestamp gauge
batch_job_last_success_timestamp $(date +%s)
EOF
