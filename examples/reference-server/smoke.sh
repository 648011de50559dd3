#!/bin/sh
# Asks a running server, with curl alone, for what it must answer. Exit code 0 only if all is as it must be.
# Usage: PASSWORD=… ./smoke.sh [http://localhost:8000]     USERNAME is admin where nothing else is said.
set -u
BASE=${1:-http://localhost:8000}
USERNAME=${USERNAME:-admin}
PASSWORD=${PASSWORD:?the password that the server printed, or ADMIN_PASSWORD}
RUN=smoke-$(date +%s)-$$
FAILED=0

# check NAME EXPECTED-STATUS EXPECTED-TEXT curl-arguments…: leaves the body in BODY.
check() {
  name=$1 status=$2 text=$3
  shift 3
  answer=$(curl -sS -m 30 -w '\n%{http_code}' "$@")
  BODY=${answer%?????}
  case "${answer##*"
"} $BODY" in
    "$status "*"$text"*) echo "ok    $name" ;;
    *) FAILED=1; echo "WRONG $name: $answer" ;;
  esac
}

check 'health' 200 '"status":"healthy"' "$BASE/health"
[ "$FAILED" = 0 ] || { echo "no healthy server at $BASE: the rest was not asked"; exit 1; }
check 'live' 200 'healthy' "$BASE/health/live"
check 'ready' 200 'healthy' "$BASE/health/ready"
check 'root' 200 'Golden Architecture' "$BASE/"
check 'the document of the API' 200 '"openapi":"3.1.0"' "$BASE/openapi.json"
check 'sign-in' 200 '"refresh_token"' "$BASE/api/v1/auth/login" -H 'content-type: application/json' \
  -d "{\"username\":\"$USERNAME\",\"password\":\"$PASSWORD\"}"
[ "$FAILED" = 0 ] || { echo "not signed in as $USERNAME: the rest was not asked"; exit 1; }
AUTH="authorization: Bearer $(printf %s "$BODY" | sed 's/.*"token":"\([^"]*\)".*/\1/')"
check 'stats' 200 '"tasks"' "$BASE/stats" -H "$AUTH"
check 'metrics' 200 'rbac_permission_denied_total' "$BASE/metrics" -H "$AUTH"
check 'governance status' 200 '"security"' "$BASE/api/v1/governance/status" -H "$AUTH"
check 'governance status, by its other name' 200 '"security"' "$BASE/governance/status" -H "$AUTH"
check 'audit log' 200 '"entries"' "$BASE/api/v1/audit?limit=1" -H "$AUTH"
check 'audit chain' 200 '"ok":true' "$BASE/api/v1/audit/verify" -H "$AUTH"

TASK='"title":"test; DROP TABLE users;","description":"Return the sum of two numbers.","signature":"function add(a: number, b: number): number","entryPoint":"add"'
TESTS=''
for n in 1 2 3 4 5 6 7 8; do TESTS="$TESTS,{\"name\":\"sum $n\",\"run\":\"return add($n, 1)\",\"equals\":$((n + 1))}"; done
DATA="{\"id\":\"$RUN\",$TASK,\"tests\":[${TESTS#,}]}"
for time in first second; do
  check "a task with SQL in its title, the $time time" 202 '"title":"test; DROP TABLE users;"' "$BASE/api/v1/tasks" \
    -H "$AUTH" -H 'content-type: application/json' -d "$DATA"
  case "$BODY" in
    *'"rule":"sql-statement-writes"'*) echo 'ok    it is warned of' ;;
    *) FAILED=1; echo "WRONG nothing is warned of: $BODY" ;;
  esac
done
check 'it is stored byte for byte' 200 '"title":"test; DROP TABLE users;"' "$BASE/api/v1/tasks/$RUN" -H "$AUTH"
curl -s -m 30 -o /dev/null -X POST "$BASE/api/v1/tasks/$RUN/cancel" -H "$AUTH" # unless it has ended already
check 'its events, to the last' 200 'event: task.created' "$BASE/api/v1/tasks/$RUN/events" -H "$AUTH"
check 'an id that is none' 422 '"error_code":"INVALID_REQUEST"' "$BASE/api/v1/tasks" -H "$AUTH" \
  -H 'content-type: application/json' -d "{\"id\":\"'; DROP TABLE users\",$TASK,\"tests\":[${TESTS#,}]}"
check 'a task that is none' 404 '"error_code":"TASK_NOT_FOUND"' "$BASE/api/v1/tasks/$RUN-none" -H "$AUTH"
check 'a route that is none' 404 '"error_code":"NOT_FOUND"' "$BASE/nowhere" -H "$AUTH"
HOLD="{\"request_id\":\"$RUN\",\"project_id\":\"coding-tasks\",\"task_id\":\"$RUN\",\"tokens\":10}"
for replay in false true; do
  check "tokens are held, repeated: $replay" 200 "\"is_replay\":$replay" "$BASE/api/v1/budget/request" \
    -H "$AUTH" -H 'content-type: application/json' -d "$HOLD"
done
check 'they are given back' 200 '"request_id"' "$BASE/api/v1/budget/release" \
  -H "$AUTH" -H 'content-type: application/json' -d "{\"request_id\":\"$RUN\"}"

check 'circuit breakers' 200 '"breakers"' "$BASE/api/v1/circuit-breakers?limit=200" -H "$AUTH"
# One that is closed and that nobody holds: to reset it changes nothing for anybody.
CLOSED=$(printf %s "$BODY" | sed -n 's|.*"name":"\([A-Za-z0-9._:/-]*\)","state":"closed".*|\1|p' | sed 's|/|%2F|g; s|:|%3A|g')
if [ -n "$CLOSED" ]; then
  check "a circuit breaker is reset: $CLOSED" 200 '"changed"' "$BASE/api/v1/circuit-breakers/$CLOSED/reset" -X POST -H "$AUTH"
fi
check 'a circuit breaker that is none' 404 '"error_code":"CIRCUIT_NOT_FOUND"' "$BASE/api/v1/circuit-breakers/$RUN/reset" -X POST -H "$AUTH"

check 'no token' 401 '"error_code":"TOKEN_MISSING"' "$BASE/stats"

LIMITED=no
for n in 1 2 3 4 5 6; do
  [ "$(curl -s -m 30 -o /dev/null -w '%{http_code}' "$BASE/")" = 429 ] && LIMITED=yes
done
if [ $LIMITED = yes ]; then echo 'ok    the sixth anonymous call of a minute is refused'
else FAILED=1; echo 'WRONG six anonymous calls of a minute were answered'; fi
exit $FAILED
