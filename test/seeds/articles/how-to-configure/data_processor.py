#!/usr/bin/env python3
"""
Data processing batch job with Prometheus metrics.
Pushes job duration, success status, and processing statistics to Pushgateway.
"""

import time
import os
from prometheus_client import CollectorRegistry, Gauge, Counter, push_to_gateway
from prometheus_client.exposition import basic_auth_handler

# Configuration from environment variables
PUSHGATEWAY_URL = os.getenv('PUSHGATEWAY_URL', 'localhost:9091')
JOB_NAME = 'data_processor'
INSTANCE = os.getenv('HOSTNAME', 'unknown')

# Create a dedicated registry for this job
# Using a separate registry avoids conflicts with default metrics
registry = CollectorRegistry()

# Define metrics with descriptive help text
job_duration = Gauge(
    'batch_job_duration_seconds',
    'Total duration of the batch job in seconds',
    ['job_name', 'status'],
    registry=registry
)

job_last_success = Gauge(
    'batch_job_last_success_timestamp',
    'Unix timestamp of the last successful job completion',
    ['job_name'],
    registry=registry
)

records_processed = Gauge(
    'batch_job_records_processed_total',
    'Total number of records processed in this job run',
    ['job_name', 'record_type'],
    registry=registry
)

errors_total = Gauge(
    'batch_job_errors_total',
    'Total number of errors encountered during job execution',
    ['job_name', 'error_type'],
    registry=registry
)


def process_data():
    """
    Main data processing logic.
    Returns a dictionary with processing statistics.
    """
    stats = {
        'users_processed': 0,
        'orders_processed': 0,
        'errors': {'validation': 0, 'database': 0}
    }

    # Simulate processing users from a data source
    users = fetch_users_to_process()
    for user in users:
        try:
            process_user(user)
            stats['users_processed'] += 1
        except ValidationError:
            stats['errors']['validation'] += 1
        except DatabaseError:
            stats['errors']['database'] += 1

    # Simulate processing orders
    orders = fetch_orders_to_process()
    for order in orders:
        try:
            process_order(order)
            stats['orders_processed'] += 1
        except ValidationError:
            stats['errors']['validation'] += 1
        except DatabaseError:
            stats['errors']['database'] += 1

    return stats


def run_job_with_metrics():
    """
    Execute the batch job and push metrics to Pushgateway.
    Captures duration, success/failure status, and processing statistics.
    """
    start_time = time.time()
    status = 'failure'

    try:
        # Execute the main processing logic
        stats = process_data()

        # Record processing statistics
        records_processed.labels(
            job_name=JOB_NAME,
            record_type='users'
        ).set(stats['users_processed'])

        records_processed.labels(
            job_name=JOB_NAME,
            record_type='orders'
        ).set(stats['orders_processed'])

        # Record error counts by type
        for error_type, count in stats['errors'].items():
            errors_total.labels(
                job_name=JOB_NAME,
                error_type=error_type
            ).set(count)

        # Mark job as successful
        status = 'success'
        job_last_success.labels(job_name=JOB_NAME).set(time.time())

    except Exception as e:
        print(f"Job failed with error: {e}")
        errors_total.labels(
            job_name=JOB_NAME,
            error_type='fatal'
        ).set(1)
        raise

    finally:
        # Always record duration, even on failure
        duration = time.time() - start_time
        job_duration.labels(
            job_name=JOB_NAME,
            status=status
        ).set(duration)

        # Push all metrics to Pushgateway
        # The grouping_key identifies this specific job instance
        push_to_gateway(
            PUSHGATEWAY_URL,
            job=JOB_NAME,
            registry=registry,
            grouping_key={'instance': INSTANCE}
        )
        print(f"Metrics pushed to {PUSHGATEWAY_URL}")


if __name__ == '__main__':
    run_job_with_metrics()
