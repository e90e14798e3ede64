import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.Summary;
import io.prometheus.client.exporter.BasicAuthHttpConnectionFactory;
import io.prometheus.client.exporter.PushGateway;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Does with simpleclient_pushgateway what each line of the standard input says; ../program.ts tells what is in them.
 */
public class SimpleClient {
  public static void main(String[] arguments) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        carryOut(line);
        out.println("ok");
      } catch (IOException | RuntimeException error) {
        out.println("failed: " + error.toString().replaceAll("\\s+", " "));
      }
    }
  }

  private static void carryOut(String line) throws IOException {
    String[] fields = line.split("\t", -1);
    String operation = fields[0];
    String metrics = fields[1];
    String url = fields[2];
    String login = fields[3];
    String job = fields[6];
    Map<String, String> groupingKey = new LinkedHashMap<>();
    for (int i = 7; i < fields.length; i += 2) groupingKey.put(fields[i], fields[i + 1]);

    var gateway = new PushGateway(new URL(url));
    if (!login.isEmpty()) {
      String[] userAndPassword = login.split(":", 2);
      gateway.setConnectionFactory(
          new BasicAuthHttpConnectionFactory(userAndPassword[0], userAndPassword[1]));
    }
    switch (operation) {
      case "push" -> gateway.push(registryOf(metrics), job, groupingKey);
      case "add" -> gateway.pushAdd(registryOf(metrics), job, groupingKey);
      case "delete" -> gateway.delete(job, groupingKey);
      default -> throw new IllegalArgumentException("there is no operation " + operation);
    }
  }

  private static CollectorRegistry registryOf(String metrics) {
    var registry = new CollectorRegistry();
    Gauge queue = Gauge.build("backup_queue_length", "Files that wait.").register(registry);
    if (metrics.equals("gauge")) {
      queue.set(2);
      return registry;
    }
    queue.set(1.5);
    Counter.build("backup_files", "Files that were looked at.")
        .labelNames("outcome")
        .register(registry)
        .labels("said \"done\" in C:\\ ✓")
        .inc(3);
    Histogram steps =
        Histogram.build("backup_step_seconds", "How long the steps took.")
            .buckets(0.1, 1, 10)
            .register(registry);
    Summary sizes =
        Summary.build("backup_file_bytes", "Sizes of the files.").quantile(0.5, 0.05).register(registry);
    for (double seconds : new double[] {0.5, 5}) {
      steps.observe(seconds);
      sizes.observe(200);
    }
    return registry;
  }
}
