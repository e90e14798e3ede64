sudo systemctl restart prometheus
