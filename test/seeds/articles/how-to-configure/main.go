// main.go - Data synchronization batch job with Prometheus metrics
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
)

var (
	// Configuration
	pushgatewayURL = getEnv("PUSHGATEWAY_URL", "http://pushgateway:9091")
	jobName        = "data_sync"
	instance       = getEnv("HOSTNAME", "unknown")

	// Metrics definitions with descriptive help text
	jobDuration = prometheus.NewGaugeVec(
		prometheus.GaugeOpts{
			Name: "batch_job_duration_seconds",
			Help: "Total duration of the sync job in seconds",
		},
		[]string{"source", "destination"},
	)

	jobSuccess = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "batch_job_success",
		Help: "Whether the sync job completed successfully (1) or failed (0)",
	})

	recordsSynced = prometheus.NewGaugeVec(
		prometheus.GaugeOpts{
			Name: "sync_records_total",
			Help: "Number of records synchronized",
		},
		[]string{"table", "operation"},
	)

	syncErrors = prometheus.NewGaugeVec(
		prometheus.GaugeOpts{
			Name: "sync_errors_total",
			Help: "Number of errors during synchronization",
		},
		[]string{"table", "error_type"},
	)
)

// getEnv returns environment variable value or default
func getEnv(key, defaultValue string) string {
	if value := os.Getenv(key); value != "" {
		return value
	}
	return defaultValue
}

// SyncStats holds statistics from the sync operation
type SyncStats struct {
	Table     string
	Inserted  int
	Updated   int
	Deleted   int
	Errors    map[string]int
}

// syncTable performs the actual data synchronization for a table
func syncTable(tableName string) (*SyncStats, error) {
	stats := &SyncStats{
		Table:  tableName,
		Errors: make(map[string]int),
	}

	// Fetch source records
	sourceRecords, err := fetchSourceRecords(tableName)
	if err != nil {
		stats.Errors["fetch"] = 1
		return stats, fmt.Errorf("failed to fetch source records: %w", err)
	}

	// Compare and sync each record
	for _, record := range sourceRecords {
		exists, err := checkDestinationRecord(tableName, record.ID)
		if err != nil {
			stats.Errors["lookup"]++
			continue
		}

		if exists {
			if err := updateDestinationRecord(tableName, record); err != nil {
				stats.Errors["update"]++
				continue
			}
			stats.Updated++
		} else {
			if err := insertDestinationRecord(tableName, record); err != nil {
				stats.Errors["insert"]++
				continue
			}
			stats.Inserted++
		}
	}

	// Handle deletions
	deletedCount, err := syncDeletions(tableName)
	if err != nil {
		stats.Errors["delete"]++
	} else {
		stats.Deleted = deletedCount
	}

	return stats, nil
}

// recordMetrics records sync statistics as Prometheus metrics
func recordMetrics(stats *SyncStats) {
	recordsSynced.WithLabelValues(stats.Table, "insert").Set(float64(stats.Inserted))
	recordsSynced.WithLabelValues(stats.Table, "update").Set(float64(stats.Updated))
	recordsSynced.WithLabelValues(stats.Table, "delete").Set(float64(stats.Deleted))

	for errorType, count := range stats.Errors {
		syncErrors.WithLabelValues(stats.Table, errorType).Set(float64(count))
	}
}

// pushMetrics sends all collected metrics to Pushgateway
func pushMetrics() error {
	// Create a pusher with job name and instance grouping
	pusher := push.New(pushgatewayURL, jobName).
		Grouping("instance", instance).
		Collector(jobDuration).
		Collector(jobSuccess).
		Collector(recordsSynced).
		Collector(syncErrors)

	// Push metrics (Add mode preserves existing metrics from other instances)
	if err := pusher.Add(); err != nil {
		return fmt.Errorf("failed to push metrics: %w", err)
	}

	log.Printf("Metrics pushed to %s", pushgatewayURL)
	return nil
}

func main() {
	startTime := time.Now()
	success := true

	// Tables to synchronize
	tables := []string{"users", "orders", "products", "inventory"}

	log.Println("Starting data synchronization job")

	for _, table := range tables {
		tableStart := time.Now()
		log.Printf("Syncing table: %s", table)

		stats, err := syncTable(table)
		if err != nil {
			log.Printf("Error syncing %s: %v", table, err)
			success = false
		}

		// Record metrics for this table
		recordMetrics(stats)

		// Record table sync duration
		duration := time.Since(tableStart).Seconds()
		jobDuration.WithLabelValues("postgres", "warehouse").Set(duration)

		log.Printf("Table %s: inserted=%d, updated=%d, deleted=%d",
			table, stats.Inserted, stats.Updated, stats.Deleted)
	}

	// Record overall job status
	if success {
		jobSuccess.Set(1)
	} else {
		jobSuccess.Set(0)
	}

	// Record total job duration
	totalDuration := time.Since(startTime).Seconds()
	jobDuration.WithLabelValues("all", "all").Set(totalDuration)

	log.Printf("Job completed in %.2f seconds, success=%v", totalDuration, success)

	// Push all metrics to Pushgateway
	if err := pushMetrics(); err != nil {
		log.Printf("Warning: %v", err)
	}

	if !success {
		os.Exit(1)
	}
}
