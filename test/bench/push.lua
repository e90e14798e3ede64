-- wrk script: PUT to random groups among the first N, bodies prebuilt.
-- Arguments: number of groups, file of bodies of one length, that length, and what to send as Authorization, if anything.

local groups, head, bodies

function init(args)
  groups = tonumber(args[1])
  local length = tonumber(args[3])
  local file = assert(io.open(args[2], "rb"))
  local all = file:read("*a")
  file:close()
  local authorization = args[4] and "Authorization: " .. args[4] .. "\r\n" or ""
  bodies = {}
  for at = 1, #all, length do
    bodies[#bodies + 1] = string.format(
      " HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %d\r\n%s\r\n%s",
      wrk.host, wrk.port, length, authorization, all:sub(at, at + length - 1))
  end
  math.randomseed(os.time())
end

function request()
  local group = math.random(0, groups - 1)
  local host = group % 100
  return "PUT /metrics/job/job-" .. (group - host) / 100 .. "/instance/host-" .. host .. bodies[math.random(#bodies)]
end

-- wrk counts times in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p90Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f,' ..
      '"refused":%d,"failed":%d,"timedOut":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.status, errors.connect + errors.read + errors.write, errors.timeout))
end
