# Push with additional labels
echo "backup_size_bytes 1073741824" | \
  curl --data-binary @- \
  http://pushgateway:9091/metrics/job/backup/instance/db-primary/database/users
