# Does with prometheus-client-mmap what each line of the standard input says; ../program.ts tells what is in them.

require "prometheus/client"
require "prometheus/client/push"

# Otherwise values are kept in files, by the names of the metrics: for servers of many processes.
Prometheus::Client.configuration.value_class = Prometheus::Client::SimpleValue

# Its Push fails on histograms and summaries.
def registry_of(metrics)
  registry = Prometheus::Client::Registry.new
  queue = registry.gauge(:backup_queue_length, "Files that wait.")
  if metrics == "gauge"
    queue.set({}, 2)
    return registry
  end
  queue.set({}, 1.5)
  files = registry.counter(:backup_files_total, "Files that were looked at.")
  files.increment({ outcome: 'said "done" in C:\\ ✓' }, 3)
  registry
end

def carry_out(line)
  operation, metrics, url, login, _compression, _, job, *pairs = line.split("\t", -1)
  labels = pairs.each_slice(2).to_h
  gateway = login.empty? ? url : url.sub("://", "://#{login}@")
  push = Prometheus::Client::Push.new(job: job, instance: labels["instance"], gateway: gateway)
  response =
    case operation
    when "push" then push.replace(registry_of(metrics))
    when "add" then push.add(registry_of(metrics))
    when "delete" then push.delete
    end
  raise "#{response.code} #{response.body}" unless response.is_a?(Net::HTTPSuccess)
end

$stdout.sync = true
$stdin.set_encoding("UTF-8")
$stdin.each_line(chomp: true) do |line|
  carry_out(line)
  puts "ok"
rescue StandardError => error
  puts "failed: #{error.message.split.join(" ")}"
end
