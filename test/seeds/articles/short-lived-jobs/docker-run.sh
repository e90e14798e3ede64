docker pull prom/pushgateway

# Map port 9091 and start the container quickly
docker run -d \
  --name=pg \
  -p 9091:9091 \
  prom/pushgateway
