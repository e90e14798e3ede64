from prometheus_client import CollectorRegistry, Gauge, push_to_gateway

registry = CollectorRegistry()
g = Gauge('batch_job_duration_seconds', 'Job duration in seconds', registry=registry)
g.set(3.14)  # Set the metric value
push_to_gateway('pushgateway:9091', job='batch_jobs', registry=registry)
