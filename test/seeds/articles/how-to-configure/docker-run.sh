# Run Pushgateway with persistent storage for metrics
docker run -d \
  --name pushgateway \
  -p 9091:9091 \
  -v pushgateway-data:/data \
  prom/pushgateway:latest \
  --persistence.file=/data/metrics \
  --persistence.interval=5m
