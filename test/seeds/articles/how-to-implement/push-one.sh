# Push a single metric
echo "batch_job_duration_seconds 42.5" | \
  curl --data-binary @- http://pushgateway:9091/metrics/job/etl_pipeline
