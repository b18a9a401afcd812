#!/bin/sh
# Prints the current access token of a credential from its published secrets. Needs the AWS CLI and jq.
#   TOKEN=$(renova-token.sh prd acme) || exit
# Call it before each use: it holds nothing. When a secret cannot be read, it prints AWS's error and no token.
set -eu
if [ $# -ne 2 ]; then
  echo "usage: renova-token.sh <environment> <credential>, such as: renova-token.sh prd acme" >&2
  exit 2
fi
name="renova/$1/$2/token"

# A credential has 20 lanes at most, and a call takes 20 secrets. What is not there counts for nothing.
answer=$(aws secretsmanager batch-get-secret-value --output json --secret-id-list \
  "$name/0" "$name/1" "$name/2" "$name/3" "$name/4" "$name/5" "$name/6" "$name/7" "$name/8" "$name/9" \
  "$name/10" "$name/11" "$name/12" "$name/13" "$name/14" "$name/15" "$name/16" "$name/17" "$name/18" "$name/19")

printf '%s\n' "$answer" | jq -er --arg name "$name" '
  def seconds: sub("\\.[0-9]+"; "") | fromdateiso8601;
  def is_missing: .ErrorCode == "ResourceNotFoundException" or .ErrorCode == "InvalidRequestException";
  def refuse: "renova-token.sh: \($name) \(.)\n" | halt_error(1);
  [.Errors[]? | select(is_missing | not) | .ErrorCode] as $failed
  | [.SecretValues[]?.SecretString | fromjson? | select(.access_token != "")] as $published
  | [$published[] | select((.expires_at | seconds) > now)] as $living
  | if $failed != [] then "cannot be read: \($failed | unique | join(", "))" | refuse
    elif .SecretValues == [] then "does not exist: check the environment, the id and its \"publish\"" | refuse
    elif $living == [] then "has no token that lives: see renova status" | refuse
    else $living | max_by([.issued_at, .generation]).access_token end'
