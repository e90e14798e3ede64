#!/bin/bash
# cleanup-pushgateway.sh - Remove stale job metrics

PUSHGATEWAY_URL="http://pushgateway:9091"

# Delete metrics for a specific job and instance combination
# Use when decommissioning a server or removing a job
delete_job_metrics() {
    local job_name=$1
    local instance=$2

    curl -X DELETE "${PUSHGATEWAY_URL}/metrics/job/${job_name}/instance/${instance}"
    echo "Deleted metrics for job=${job_name}, instance=${instance}"
}

# Delete all metrics for a job (all instances)
delete_all_job_instances() {
    local job_name=$1

    curl -X DELETE "${PUSHGATEWAY_URL}/metrics/job/${job_name}"
    echo "Deleted all metrics for job=${job_name}"
}

# Example usage
delete_job_metrics "old_backup" "decommissioned-server"
delete_all_job_instances "deprecated_etl_job"
