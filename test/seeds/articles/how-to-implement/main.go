// main.go - Go batch job with metrics
package main

import (
    "log"
    "math/rand"
    "time"

    "github.com/prometheus/client_golang/prometheus"
    "github.com/prometheus/client_golang/prometheus/push"
)

var (
    jobDuration = prometheus.NewGauge(prometheus.GaugeOpts{
        Name: "batch_job_duration_seconds",
        Help: "Duration of batch job in seconds",
    })

    recordsProcessed = prometheus.NewCounter(prometheus.CounterOpts{
        Name: "batch_job_records_processed_total",
        Help: "Total records processed by batch job",
    })

    lastSuccess = prometheus.NewGauge(prometheus.GaugeOpts{
        Name: "batch_job_last_success_timestamp",
        Help: "Timestamp of last successful job run",
    })
)

func processBatch() (int, float64) {
    start := time.Now()

    // Simulate processing records
    numRecords := rand.Intn(4000) + 1000
    for i := 0; i < numRecords; i++ {
        time.Sleep(time.Duration(rand.Intn(10)) * time.Millisecond)
        recordsProcessed.Inc()
    }

    duration := time.Since(start).Seconds()
    jobDuration.Set(duration)
    lastSuccess.Set(float64(time.Now().Unix()))

    return numRecords, duration
}

func main() {
    // Create registry and register metrics
    registry := prometheus.NewRegistry()
    registry.MustRegister(jobDuration, recordsProcessed, lastSuccess)

    // Process batch
    records, duration := processBatch()
    log.Printf("Processed %d records in %.2fs", records, duration)

    // Push metrics to Pushgateway
    pusher := push.New("http://pushgateway:9091", "etl_pipeline").
        Grouping("instance", "worker-1").
        Gatherer(registry)

    if err := pusher.Push(); err != nil {
        log.Fatalf("Could not push metrics: %v", err)
    }

    log.Println("Metrics pushed successfully")
}
