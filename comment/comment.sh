#!/usr/bin/env bash
# Creates or updates the one comment of a pull request that carries this marker. A comment is a courtesy: where it cannot
# be written, the log says so and the job goes on.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/common.sh
. "$here/../action/common.sh"

body_file=${SHIPWORTHY_COMMENT_BODY:-shipworthy-report/report.md}
decision=${SHIPWORTHY_COMMENT_DECISION:-}
mode=${SHIPWORTHY_COMMENT_MODE:-on-change}
header=${SHIPWORTHY_COMMENT_HEADER:-shipworthy}
number=${SHIPWORTHY_COMMENT_PULL_REQUEST:-}
author=${SHIPWORTHY_COMMENT_AUTHOR:-github-actions[bot]}
api=${GITHUB_API_URL:-https://api.github.com}
repository=${GITHUB_REPOSITORY:-}
# A comment takes 65,536 characters; the marker and the host's own additions need room.
budget=60000
shorter=8000

# finish RESULT [WHY]
finish() {
  output result "$1"
  if [ -n "$number" ]; then output pull-request "$number"; fi
  if [ -n "${2:-}" ]; then notice "$2"; fi
  exit 0
}

# request METHOD PATH [BODY-FILE]: the answer is in $answer, its code in $status; 000 where there was none.
request() {
  local method=$1 url=$api/$2
  local options=(--silent --show-error --location --connect-timeout 20 --max-time 60 --request "$method" --output "$answer"
    --write-out '%{http_code}' --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28')
  # Asking twice is harmless; writing twice is not.
  if [ "$method" = GET ]; then options+=(--retry 3); fi
  if [ $# -gt 2 ]; then options+=(--header 'Content-Type: application/json' --data-binary "@$3"); fi
  : >"$answer"
  # The token goes by standard input: a command line can be read by every process of the machine.
  status=$(printf 'header = "Authorization: Bearer %s"\n' "${SHIPWORTHY_COMMENT_TOKEN:-}" |
    curl --config - "${options[@]}" -- "$url") || status=000
}

# What the answer's code means where it is not the wanted one.
refused() {
  case $status in
    401 | 403 | 404) finish refused "The token may not $1 (HTTP $status). In a pull request from a fork it never may; the report is in the job's summary all the same." ;;
    *) finish refused "The pull request was not commented: to $1 was answered with HTTP $status." ;;
  esac
}

# The open pull request whose head is the commit that was run. Never a number that the run itself hands over.
by_head() {
  local sha owner branch path
  sha=$(jq -r '.workflow_run.head_sha // empty' "$GITHUB_EVENT_PATH")
  owner=$(jq -r '.workflow_run.head_repository.owner.login // empty | @uri' "$GITHUB_EVENT_PATH")
  branch=$(jq -r '.workflow_run.head_branch // empty | @uri' "$GITHUB_EVENT_PATH")
  case $sha in '' | *[!0-9a-f]*) return 0 ;; esac
  # The first does not know commits that are only in a fork; the second needs a branch.
  for path in "commits/$sha/pulls?per_page=100" ${owner:+${branch:+"pulls?state=open&per_page=100&head=$owner:$branch"}}; do
    request GET "repos/$repository/$path"
    if [ "$status" != 200 ]; then continue; fi
    number=$(jq -r --arg sha "$sha" '[.[] | select(.state == "open" and .head.sha == $sha)][0].number // empty' "$answer")
    if [ -n "$number" ]; then return 0; fi
  done
}

# Sets $id and $known to number and digest of the comment with the marker; nothing where there is none.
find_comment() {
  local page=1 found
  id='' known=''
  while [ "$page" -le 50 ]; do
    request GET "repos/$repository/issues/$number/comments?per_page=100&page=$page"
    if [ "$status" != 200 ]; then refused "read the comments"; fi
    # Only one of our own: anybody can write a comment with the marker in it.
    found=$(jq -r --arg prefix "$marker" --arg author "$author" \
      '[.[] | select(.user.login == $author and (.body | startswith($prefix)))][0]
       | if . then "\(.id) \(.body | capture("digest=(?<d>[0-9a-f]{64})").d? // "-")" else empty end' "$answer")
    if [ -n "$found" ]; then
      id=${found%% *}
      known=${found#* }
      return 0
    fi
    if [ "$(jq length "$answer")" -lt 100 ]; then return 0; fi
    page=$((page + 1))
  done
}

# write_comment BUDGET
write_comment() {
  {
    printf '%s%s -->\n' "$marker" "$digest"
    LC_ALL=C awk -v budget="$1" -f "$here/fit.awk" "$body"
  } >"$work/comment.md"
  jq -n --rawfile body "$work/comment.md" '{body: $body}' >"$work/request.json"
  if [ -n "$id" ]; then
    request PATCH "repos/$repository/issues/comments/$id" "$work/request.json"
  else
    request POST "repos/$repository/issues/$number/comments" "$work/request.json"
  fi
}

one_of mode "$mode" always on-change on-remediate off
case $header in
  '' | *[!0-9A-Za-z._-]*) fail "the input \`header\` takes letters, digits, dots, underscores and hyphens" ;;
esac
case $number in *[!0-9]*) fail "the input \`pull-request\` has to be a number" ;; esac
if [ "$mode" = off ]; then finish skipped; fi
for tool in curl jq; do
  if ! command -v "$tool" >/dev/null 2>&1; then finish refused "The pull request was not commented: there is no $tool on this runner."; fi
done
if [ -z "${SHIPWORTHY_COMMENT_TOKEN:-}" ]; then finish refused "The pull request was not commented: there is no token."; fi
case $SHIPWORTHY_COMMENT_TOKEN in *[$'\n\r"\\']*) fail "the input \`token\` is no token" ;; esac

work=$(scratch)
trap 'rm -rf "$work"' EXIT
answer=$work/answer.json
body=$work/body.md
if [ -s "$body_file" ]; then
  cp "$body_file" "$body"
else
  # An older comment that says deploy must not stand over a gate that came to no answer.
  decision=
  printf '## ❌ No report\n\nThe gate left no report. The log of its job says why.\n' >"$body"
fi

if [ -z "$number" ]; then
  case ${GITHUB_EVENT_NAME:-} in
    workflow_run) by_head ;;
    *) number=$(jq -r '.pull_request.number // empty' "${GITHUB_EVENT_PATH:-/dev/null}" 2>/dev/null || true) ;;
  esac
fi
if [ -z "$number" ]; then finish skipped "There is no open pull request to comment."; fi

marker="<!-- shipworthy-comment header=$header digest="
# The last line of a report tells commit and time, which change with every run; the answer does not.
if [ "$mode" = always ]; then cp "$body" "$work/told"; else sed '/^<sub>.*<\/sub>$/d' "$body" >"$work/told"; fi
digest=$(sha256 "$work/told")

find_comment
if [ -n "$id" ] && [ "$known" = "$digest" ]; then
  output comment-id "$id"
  finish unchanged
fi
if [ -z "$id" ] && [ "$mode" = on-remediate ] && [ "$decision" = deploy ]; then finish skipped; fi

write_comment "$budget"
if [ "$status" = 422 ]; then write_comment "$shorter"; fi
case $status in
  200 | 201) ;;
  422) finish refused "The pull request was not commented: the report is too long for a comment, even a short one (HTTP 422)." ;;
  *) refused "comment" ;;
esac
if [ -z "$id" ]; then result=created; else result=updated; fi
id=$(jq -r '.id // empty' "$answer")
case $id in *[!0-9]*) id='' ;; esac
output comment-id "$id"
finish "$result"
