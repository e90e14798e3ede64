./prometheus --config.file=/etc/prometheus/prometheus.yml
