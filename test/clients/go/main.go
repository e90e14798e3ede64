// Does with client_golang what each line of the standard input says; ../program.ts tells what is in them.
// The argument is the format of what is pushed: protobuf or text.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/prometheus/common/expfmt"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := carryOut(lines.Text(), os.Args[1]); err != nil {
			fmt.Println("failed:", strings.Join(strings.Fields(err.Error()), " "))
		} else {
			fmt.Println("ok")
		}
	}
}

func carryOut(line, format string) error {
	fields := strings.Split(line, "\t")
	operation, metrics, url, login, labels := fields[0], fields[1], fields[2], fields[3], fields[5:]

	pusher := push.New(url, labels[1]).Gatherer(registryOf(metrics))
	for i := 2; i < len(labels); i += 2 {
		pusher.Grouping(labels[i], labels[i+1])
	}
	if user, password, found := strings.Cut(login, ":"); found {
		pusher.BasicAuth(user, password)
	}
	if format == "text" {
		pusher.Format(expfmt.NewFormat(expfmt.TypeTextPlain))
	}

	switch operation {
	case "push":
		return pusher.Push()
	case "add":
		return pusher.Add()
	case "delete":
		return pusher.Delete()
	}
	return fmt.Errorf("there is no operation %q", operation)
}

func registryOf(metrics string) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	queue := prometheus.NewGauge(prometheus.GaugeOpts{Name: "backup_queue_length", Help: "Files that wait."})
	registry.MustRegister(queue)
	if metrics == "gauge" {
		queue.Set(2)
		return registry
	}
	queue.Set(1.5)
	files := prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "backup_files_total", Help: "Files that were looked at."},
		[]string{"outcome"},
	)
	files.WithLabelValues(`said "done" in C:\ ✓`).Add(3)
	steps := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "backup_step_seconds",
		Help:    "How long the steps took.",
		Buckets: []float64{0.1, 1, 10},
	})
	sizes := prometheus.NewSummary(prometheus.SummaryOpts{
		Name:       "backup_file_bytes",
		Help:       "Sizes of the files.",
		Objectives: map[float64]float64{0.5: 0.05},
	})
	for _, seconds := range []float64{0.5, 5} {
		steps.Observe(seconds)
		sizes.Observe(200)
	}
	registry.MustRegister(files, steps, sizes)
	return registry
}
