# Push a simple gauge metric to test_job
echo "test_metric 123456" | \
curl --data-binary @- http://127.0.0.1:9091/metrics/job/test_job
