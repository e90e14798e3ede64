cat << EOF | curl --data-binary @- http://prometheus:9001/metrics/job/job1/instance/instance1

# TYPE first_metric gauge
first_metric{label="value1"}  23 
# TYPE second_metric counter 
# HELP second_metric Another example
second_metric  41
EOF
