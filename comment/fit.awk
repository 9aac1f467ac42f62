# Prints as much of a Markdown document as fits into `budget` bytes, cut only between blocks: an open <details> or an open
# fence would swallow whatever comes after it. Says at the end that something is left out.
function close_block() {
  if (!full && size + length(block) <= budget) {
    printf "%s", block
    size += length(block)
  } else if (block ~ /[^\n]/) {
    full = 1
  }
  block = ""
}
{
  sub(/\r$/, "")
  if (fence == "") {
    if (match($0, /^ *(```+|~~~+)/)) {
      fence = substr($0, RSTART, RLENGTH)
      gsub(/ /, "", fence)
    } else {
      if ($0 ~ /^ *<details[ >]/) depth++
      if ($0 ~ /^ *<\/details>/ && depth > 0) depth--
    }
  } else {
    bare = $0
    gsub(/ /, "", bare)
    if (bare ~ /^(`+|~+)$/ && index(bare, fence) == 1) fence = ""
  }
  block = block $0 "\n"
  if ($0 ~ /^ *$/ && depth == 0 && fence == "") close_block()
}
END {
  close_block()
  if (full) printf "\n… the rest is in the full report.\n"
}
