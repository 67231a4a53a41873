#!/bin/bash
# A job builds outside the tree against an installed Leat, and the installed program runs it with
# the result that coreutils give.
#
#   external_job_test.sh CMAKE BUILD_DIR SOURCE_DIR
set -euo pipefail

cmake="$1" build_dir="$2" source_dir="$3"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
input="$source_dir/docs"

"$cmake" --install "$build_dir" --prefix "$work/leat" >"$work/install.log"

cp -r "$source_dir/examples/external_job" "$work/project"
"$cmake" -S "$work/project" -B "$work/project/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/leat"
"$cmake" --build "$work/project/build"

"$work/leat/bin/leat" local --mode batch --slots 2 -p 2 "$work/project/build/word_lengths.so" \
  --input "$input" --output "$work/out"

# The same with coreutils; bytes compare as in C++, whatever the locale.
export LC_ALL=C
find "$input" -maxdepth 1 -type f ! -name '.*' -exec cat {} + |
  tr A-Z a-z | tr -cs a-z0-9_ '\n' | grep . |
  awk '{n = length($0); count[n]++; if (!(n in first) || $0 "" < first[n] "") first[n] = $0}
       END {for (n in count) print n "\t" count[n] "\t" first[n]}' | sort >"$work/expected"
cat "$work"/out/* | sort >"$work/actual"
diff "$work/expected" "$work/actual"
echo "$(wc -l <"$work/actual") lengths, as expected"
