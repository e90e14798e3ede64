# Delete all metrics for a specific job
curl -X DELETE http://pushgateway:9091/metrics/job/etl_pipeline

# Delete metrics for a specific job and instance
curl -X DELETE http://pushgateway:9091/metrics/job/etl_pipeline/instance/worker-1

# Delete with additional grouping keys
curl -X DELETE http://pushgateway:9091/metrics/job/backup/instance/db-primary/database/users
