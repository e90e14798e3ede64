sudo systemctl enable pushgateway
sudo systemctl start pushgateway
sudo systemctl status pushgateway
