import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.exporter.pushgateway.Format;
import io.prometheus.metrics.exporter.pushgateway.PushGateway;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Does with prometheus-metrics-exporter-pushgateway what each line of the standard input says; ../program.ts tells what
 * is in them. The argument is the format of what is pushed: protobuf or text.
 */
public class PrometheusMetrics {
  public static void main(String[] arguments) throws IOException {
    Format format = arguments[0].equals("text") ? Format.PROMETHEUS_TEXT : Format.PROMETHEUS_PROTOBUF;
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        carryOut(line, format);
        out.println("ok");
      } catch (IOException | RuntimeException error) {
        out.println("failed: " + error.toString().replaceAll("\\s+", " "));
      }
    }
  }

  private static void carryOut(String line, Format format) throws IOException {
    String[] fields = line.split("\t", -1);
    String operation = fields[0];
    String metrics = fields[1];
    String url = fields[2];
    String login = fields[3];

    var builder =
        PushGateway.builder()
            .address(url.replaceFirst("^http://", ""))
            .format(format)
            .registry(registryOf(metrics))
            .job(fields[6]);
    for (int i = 7; i < fields.length; i += 2) builder.groupingKey(fields[i], fields[i + 1]);
    if (!login.isEmpty()) {
      String[] userAndPassword = login.split(":", 2);
      builder.basicAuth(userAndPassword[0], userAndPassword[1]);
    }
    PushGateway gateway = builder.build();
    switch (operation) {
      case "push" -> gateway.push();
      case "add" -> gateway.pushAdd();
      case "delete" -> gateway.delete();
      default -> throw new IllegalArgumentException("there is no operation " + operation);
    }
  }

  private static PrometheusRegistry registryOf(String metrics) {
    var registry = new PrometheusRegistry();
    Gauge queue = Gauge.builder().name("backup_queue_length").help("Files that wait.").register(registry);
    if (metrics.equals("gauge")) {
      queue.set(2);
      return registry;
    }
    queue.set(1.5);
    Counter.builder()
        .name("backup_files_total")
        .help("Files that were looked at.")
        .labelNames("outcome")
        .register(registry)
        .labelValues("said \"done\" in C:\\ ✓")
        .inc(3);
    Histogram steps =
        Histogram.builder()
            .name("backup_step_seconds")
            .help("How long the steps took.")
            .classicUpperBounds(0.1, 1, 10)
            .register(registry);
    Summary sizes =
        Summary.builder()
            .name("backup_file_bytes")
            .help("Sizes of the files.")
            .quantile(0.5, 0.05)
            .register(registry);
    for (double seconds : new double[] {0.5, 5}) {
      steps.observe(seconds);
      sizes.observe(200);
    }
    return registry;
  }
}
