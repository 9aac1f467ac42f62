#!/usr/bin/env bash
# Adds a report to a site of static pages.
set -euo pipefail

name=$SHIPWORTHY_SITE_NAME
if [[ -z $name && -n $SHIPWORTHY_SITE_PULL_REQUEST ]]; then
  name="pr/$SHIPWORTHY_SITE_PULL_REQUEST"
fi
if [[ -z $name ]]; then
  name=$SHIPWORTHY_SITE_BRANCH
  # Anybody may call a branch `pr/7`: it is never taken for the pull request.
  case $name in pr/* | branch/*) name="branch/$name" ;; esac
fi

"$SHIPWORTHY_SITE_PROGRAM" site "$SHIPWORTHY_SITE_FOLDER" --add "$SHIPWORTHY_SITE_REPORT" --as "$name" \
  --keep "$SHIPWORTHY_SITE_KEEP" --title "$SHIPWORTHY_SITE_TITLE"

# A folder is what the workflow named; a line break in it would be a second output.
printf 'index=%s\n' "$(printf '%s/index.html' "$SHIPWORTHY_SITE_FOLDER" | tr -d '\r\n')" >>"$GITHUB_OUTPUT"
