curl -s pushgateway:9091/metrics
