#!/usr/bin/env bash
# Runs the gate once and turns its exit code into that of the step. The program itself writes outputs, summary and
# annotations; what is said here is only said where it could not.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/common.sh
. "$here/common.sh"

program=${SHIPWORTHY_ACTION_PROGRAM:-}
fail_on=${SHIPWORTHY_ACTION_FAIL_ON:-remediate}
annotations=${SHIPWORTHY_ACTION_ANNOTATIONS:-10}
report=${SHIPWORTHY_ACTION_OUTPUT:-shipworthy-report}

one_of fail-on "$fail_on" remediate error never
one_of force "${SHIPWORTHY_ACTION_FORCE:-false}" true false
one_of first-run "${SHIPWORTHY_ACTION_FIRST_RUN:-false}" true false
one_of summary "${SHIPWORTHY_ACTION_SUMMARY:-true}" true false
one_of annotations "$annotations" 0 1 2 3 4 5 6 7 8 9 10
case $report in
  '' | - | *$'\n'* | *$'\r'*) fail "the input \`output\` has to be one folder" ;;
esac
if [ -z "$program" ]; then fail "no program was installed"; fi

lines "${SHIPWORTHY_ACTION_ARTIFACTS:-artifacts}"
paths=("${LINES_OF[@]+"${LINES_OF[@]}"}")
if [ "${#paths[@]}" = 0 ]; then fail "the input \`artifacts\` names nothing"; fi

args=(gate --ci github --annotations "$annotations" "--out=$report")
# With `=`, so that no value is ever taken for an option.
option() { if [ -n "$2" ]; then args+=("$1=$2"); fi; }
option --policy "${SHIPWORTHY_ACTION_POLICY:-}"
option --profile "${SHIPWORTHY_ACTION_PROFILE:-}"
option --policy-ref "${SHIPWORTHY_ACTION_POLICY_REF:-}"
option --baseline "${SHIPWORTHY_ACTION_BASELINE:-}"
option --base "${SHIPWORTHY_ACTION_BASE:-}"
option --diff "${SHIPWORTHY_ACTION_DIFF:-}"
option --commit "${SHIPWORTHY_ACTION_COMMIT:-}"
option --branch "${SHIPWORTHY_ACTION_BRANCH:-}"
option --base-path "${SHIPWORTHY_ACTION_BASE_PATH:-}"
option --source-url "${SHIPWORTHY_ACTION_SOURCE_URL:-}"
option --sources "${SHIPWORTHY_ACTION_SOURCES:-}"
option --formats "${SHIPWORTHY_ACTION_FORMATS:-}"
option --reason "${SHIPWORTHY_ACTION_REASON:-}"
option --actor "${SHIPWORTHY_ACTION_ACTOR:-}"
if [ "${SHIPWORTHY_ACTION_FORCE:-false}" = true ]; then args+=(--force); fi
if [ "${SHIPWORTHY_ACTION_FIRST_RUN:-false}" = true ]; then args+=(--first-run); fi
if [ "${SHIPWORTHY_ACTION_SUMMARY:-true}" = false ]; then args+=(--no-summary); fi
lines "${SHIPWORTHY_ACTION_SKIP:-}"
for category in "${LINES_OF[@]+"${LINES_OF[@]}"}"; do args+=("--skip=$category"); done
lines "${SHIPWORTHY_ACTION_HISTORY:-}"
for path in "${LINES_OF[@]+"${LINES_OF[@]}"}"; do args+=("--history=$path"); done
if [ -n "${SHIPWORTHY_ACTION_JOBS_RESULT:-}" ]; then
  # By a file: what jobs hand on may be longer than a command line.
  jobs=$(scratch)/needs.json
  printf '%s' "$SHIPWORTHY_ACTION_JOBS_RESULT" >"$jobs"
  args+=("--jobs-result=@$jobs")
fi

# What an earlier step left in the folder is no report of this run.
rm -f -- "$report/report.json" "$report/report.md" "$report/report.html" "$report/report.yaml"

code=0
"$program" "${args[@]}" -- "${paths[@]}" || code=$?

# The outputs say `deploy` only where the program said so and exited so; where it said nothing they say `remediate`.
decision=$(sed -n 's/^decision=//p' "${GITHUB_OUTPUT:-/dev/null}" | tail -n 1)
case $code/$decision in
  0/deploy | [!0]*/remediate) ;;
  *)
    if [ "$code" = 0 ]; then code=70; fi
    printf '::error title=Shipworthy::%s\n' "the program exited without a decision that fits"
    output decision remediate
    output verdict inconclusive
    output exit-code "$code"
    ;;
esac

case $code/$fail_on in
  0/*) exit 0 ;;
  [13]/error | */never)
    echo "The gate exits $code; by fail-on: $fail_on the step passes. Only the output decision says whether to deploy."
    exit 0
    ;;
esac
exit "$code"
