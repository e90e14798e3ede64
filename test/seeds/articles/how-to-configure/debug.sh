# List all metric groups in Pushgateway
curl -s http://pushgateway:9091/api/v1/metrics | jq .

# Check specific job metrics
curl -s "http://pushgateway:9091/metrics" | grep "batch_job"

# Verify Prometheus is scraping Pushgateway
curl -s "http://prometheus:9090/api/v1/targets" | jq '.data.activeTargets[] | select(.labels.job=="pushgateway")'

# Test metric push manually
echo "test_metric 123" | curl --data-binary @- http://pushgateway:9091/metrics/job/test_job
