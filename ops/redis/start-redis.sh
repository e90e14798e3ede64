#!/bin/sh
# Starts the Redis node NAME. A node without data follows PRIMARY, if it is another; one with data keeps the role that the
# Sentinels gave it last, which CONFIG REWRITE left in its copy of the configuration. Were the role taken from the
# environment each time, then the first primary would come back as one after any restart, with what it had long ago.
# Usage: start-redis.sh NAME PRIMARY
set -eu
name=$1 primary=$2
conf=/data/redis.conf
if [ -f "$conf" ]; then
  role=$(grep '^replicaof ' "$conf" || true)
elif [ "$name" = "$primary" ]; then
  role=
else
  role="replicaof $primary 6379"
fi
{
  cat /etc/pushfleet/redis.conf
  echo "replica-announce-ip $name"
  echo "$role"
} >"$conf.new"
mv "$conf.new" "$conf"
exec redis-server "$conf" --dir /data --protected-mode no
