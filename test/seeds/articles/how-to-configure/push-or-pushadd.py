from prometheus_client import push_to_gateway, pushadd_to_gateway

# push_to_gateway REPLACES all metrics for the grouping key
# Use when you want to completely reset metrics for this job instance
# WARNING: Removes all previously pushed metrics for this job/instance
push_to_gateway(
    'pushgateway:9091',
    job='my_job',
    registry=registry,
    grouping_key={'instance': 'worker-1'}
)

# pushadd_to_gateway ADDS/UPDATES metrics without removing others
# Use when multiple processes push different metrics for the same job
# Preferred for most batch job scenarios
pushadd_to_gateway(
    'pushgateway:9091',
    job='my_job',
    registry=registry,
    grouping_key={'instance': 'worker-1'}
)
