#!/bin/sh
# Prints the current access token of a credential from its published secrets. Needs the AWS CLI and jq.
#   TOKEN=$(renova-token.sh prd acme)
# Call it before each use: it holds nothing.
set -eu
env=$1 credential=$2
day=${RENOVA_DAY_SECONDS:-86400}

lane_value() {
  aws secretsmanager get-secret-value --secret-id "renova/$env/$credential/token/$1" \
    --query SecretString --output text
}

newest() {
  for lane in "$@"; do lane_value "$lane" 2>/dev/null || true; done |
    jq -sc --argjson now "$(date +%s)" '
      map(select((.expires_at | sub("\\.[0-9]+"; "") | fromdateiso8601) > $now)) | max_by(.generation) // empty'
}

lanes=$(lane_value 0 | jq .lanes)
slot=$(jq -n --argjson now "$(date +%s)" --argjson day "$day" --argjson lanes "$lanes" \
  '($now - ($now / $day | floor) * $day) * $lanes / $day | floor')
value=$(newest "$slot" $(((slot + lanes - 1) % lanes)))
[ -n "$value" ] || value=$(newest 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19)
if [ -z "$value" ]; then
  echo "$credential has no valid token: renova status $credential" >&2
  exit 1
fi
printf '%s\n' "$value" | jq -r .access_token
