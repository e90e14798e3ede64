echo "example_metric 1234" | curl --data-binary @- http://prometheus:9001/metrics/job/db_backup
