tar -zxvf pushgateway-1.11.2.linux-amd64.tar.gz
mv pushgateway-1.11.2.linux-amd64 /app/pushgateway

# Create a service file and enable the listening port and admin API
cat >/etc/systemd/system/pushgateway.service <<'EOF'
[Unit]
Description=Pushgateway for Prometheus
After=network-online.target

[Service]
Type=simple
User=prometheus
Group=prometheus
ExecStart=/app/pushgateway/pushgateway \
  --web.listen-address=:9091 \
  --web.enable-admin-api \
  --log.level=info
WorkingDirectory=/app/pushgateway
Restart=on-failure

[Install]
WantedBy=multi-user.target
EOF

# Set ownership and permissions, then start the service
chown -R prometheus:prometheus /app/pushgateway
chmod +x /app/pushgateway/pushgateway
systemctl daemon-reload
systemctl enable --now pushgateway
