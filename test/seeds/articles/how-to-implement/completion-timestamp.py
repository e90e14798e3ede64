# Include a timestamp so you can detect stale metrics
job_completion = Gauge('batch_job_last_success_timestamp', 'Last success time')
job_completion.set(time.time())
