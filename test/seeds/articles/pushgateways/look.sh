curl http://localhost:9091
