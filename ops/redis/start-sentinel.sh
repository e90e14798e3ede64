#!/bin/sh
# Starts the Sentinel NAME. What it has learnt (the primary, epochs, its own id) survives restarts in its volume.
# Usage: start-sentinel.sh NAME
set -eu
name=$1
conf=/data/sentinel.conf
if [ ! -f "$conf" ]; then
  { cat /etc/pushfleet/sentinel.conf; echo "sentinel announce-ip $name"; } >"$conf.new"
  mv "$conf.new" "$conf"
fi
exec redis-server "$conf" --sentinel
